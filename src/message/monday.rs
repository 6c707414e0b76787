//! What is said of monday.

use super::why::Why;
use crate::entity::Kind;

super::declare::messages! {
    /// Texts about monday.
    MondayText<M> {
        Limited { why: String }
            en("monday asks to wait: {why}")
            fr("monday demande d’attendre : {why}")
        CheckMondayUrl {}
            en("that is no answer of monday's API: check `[monday] url`, and the proxy if there is one")
            fr("ce n’est pas une réponse de l’API de monday : vérifier `[monday] url`, et le proxy s’il y en a un")
        Refused { why: Why<M> }
            en("monday refused it: {why}")
            fr("monday a refusé : {why}")
        RefusedWithoutReason {}
            en("monday refused it, and gave no reason")
            fr("monday a refusé, sans donner de raison")
        LoginRefused { why: String }
            en("monday refused the token: {why}")
            fr("monday refuse le jeton : {why}")
        CheckToken {}
            en("check `[monday] token_file` and whether the token's user may still see the boards")
            fr("vérifier `[monday] token_file`, et si l’utilisateur du jeton voit encore les tableaux")
        Unreachable { why: Why<M> }
            en("monday gave no usable answer: {why}")
            fr("monday n’a pas donné de réponse utilisable : {why}")
        NoHandles { why: Why<M> }
            en("monday was not called: this machine gives no more open files ({why})")
            fr("monday n’a pas été appelé : cette machine n’accorde plus de fichiers ouverts ({why})")
        CheckNetwork {}
            en("check the network, `[monday] url`, HTTPS_PROXY and NO_PROXY; nothing was sent, and the next run goes on")
            fr("vérifier le réseau, `[monday] url`, HTTPS_PROXY et NO_PROXY; rien n’a été envoyé, et la prochaine exécution continue")
        GiveWriteRights { board: String }
            en("give the token's user the right to edit board {board}, or use the token of a user who has it")
            fr("donner à l’utilisateur du jeton le droit de modifier le tableau {board}, ou prendre le jeton d’un utilisateur qui l’a")
        GrantScope {}
            en("the token lacks the right (scope) `boards:write`, or `boards:read` where reading is refused: add it to the app that the token belongs to and install the app anew, or set the personal token of a user who may edit the boards: `[monday] token_file`")
            fr("il manque au jeton le droit (scope) `boards:write`, ou `boards:read` si c’est la lecture qui est refusée : l’ajouter à l’application du jeton et la réinstaller, ou prendre le jeton personnel d’un utilisateur qui peut modifier les tableaux : `[monday] token_file`")
        LetUserEdit {}
            en("the token's user may not do that: give them the right to see and edit the boards (not as viewer or guest), or set the token of a user who has it: `[monday] token_file`")
            fr("l’utilisateur du jeton n’en a pas le droit : lui donner celui de voir et de modifier les tableaux (ni observateur ni invité), ou prendre le jeton d’un utilisateur qui l’a : `[monday] token_file`")
        ExplainItem { entity: String }
            en("hopem-sync explain {entity} shows what was sent; once it is put right, hopem-sync resync {entity}")
            fr("hopem-sync explain {entity} montre ce qui a été envoyé; une fois corrigé, hopem-sync resync {entity}")
        FitVersion {}
            en("this program and that version of monday's API do not fit: set `[monday] api_version` to one that is maintained, or install a newer hopem-sync")
            fr("ce programme et cette version de l’API de monday ne vont pas ensemble : mettre `[monday] api_version` à une version maintenue, ou installer un hopem-sync plus récent")
        MondayLater {}
            en("what was confirmed is recorded; the rest waits for the next run")
            fr("ce qui est confirmé est enregistré; le reste attend la prochaine exécution")
        MondayNotBefore { until: String, why: Why<M> }
            en("monday is not called before {until}: {why}")
            fr("monday n’est pas appelé avant {until} : {why}")
        WaitingForImport { board: String }
            en("waiting for the import to board {board}")
            fr("en attente de l’import dans le tableau {board}")
        ImportTakesLong { board: String }
            en("the import to board {board} is still at work; the next run asks for it again")
            fr("l’import dans le tableau {board} est encore en cours; la prochaine exécution s’en informera de nouveau")
        BudgetUsed { spent: u64, allowed: u64 }
            en("the day's call budget is used up ({spent} of {allowed} {w})", w = allowed.word("call", "calls"))
            fr("le budget d’appels du jour est épuisé ({spent} {w} sur {allowed})", w = spent.word("appel", "appels"))
        RestOverDays { calls: u64, days: u64, allowed: u64 }
            en("the rest goes after midnight UTC: about {calls} {w}, in {days} {d} at {allowed} a day", w = calls.word("call", "calls"), d = days.word("day", "days"))
            fr("le reste part après minuit UTC : environ {calls} {w}, en {days} {d} à {allowed} par jour", w = calls.word("appel", "appels"), d = days.word("jour", "jours"))
        LoadOverDays { calls: u64, left: u64, days: u64, allowed: u64 }
            en("what is due takes about {calls} {w}, {left} are left today: the most urgent goes first, all of it in about {days} days at {allowed} a day", w = calls.word("call", "calls"))
            fr("ce qui est dû prend environ {calls} {w}, il en reste {left} aujourd’hui : le plus urgent d’abord, le tout en {days} jours environ à {allowed} par jour", w = calls.word("appel", "appels"))
        BudgetOfRunUsed { allowed: u64 }
            en("`--max-calls {allowed}` is used up")
            fr("`--max-calls {allowed}` est épuisé")
        RaiseBudget {}
            en("it goes on after midnight UTC; or raise `[monday] daily_calls`, if the account allows more")
            fr("la suite après minuit UTC; ou augmenter `[monday] daily_calls`, si le compte en permet davantage")
        BoardMissing { kind: Kind, board: String }
            en("monday has no board {board}, or the token may not see it")
            fr("monday n’a pas de tableau {board}, ou le jeton n’y a pas accès")
        CheckBoard { kind: Kind }
            en("correct `[entities.{kind}] board`, or give the token's user access; a board in another account needs a token of that account")
            fr("corriger `[entities.{kind}] board`, ou donner accès à l’utilisateur du jeton; un tableau d’un autre compte demande un jeton de ce compte")
        KeyColumnMissing { kind: Kind, board: String, column: String }
            en("board {board} has no column `{column}`, in which the keys would stand; nothing was pushed to it")
            fr("le tableau {board} n’a pas de colonne `{column}` pour les clés; rien n’y a été envoyé")
        KeyColumnNoText { kind: Kind, board: String, column: String, column_type: String }
            en("column `{column}` of board {board} is of type `{column_type}`, a key column must be `text`; nothing was pushed to it")
            fr("la colonne `{column}` du tableau {board} est du type `{column_type}`, une colonne clé doit être `text`; rien n’y a été envoyé")
        CheckKeyColumn { kind: Kind }
            en("add the column to the board, or correct `[entities.{kind}] key_column`")
            fr("ajouter la colonne au tableau, ou corriger `[entities.{kind}] key_column`")
        GroupMissing { kind: Kind, board: String, group: String }
            en("board {board} has no group `{group}`")
            fr("le tableau {board} n’a pas de groupe `{group}`")
        CheckGroup { kind: Kind }
            en("correct `[entities.{kind}] group`, or leave it out")
            fr("corriger `[entities.{kind}] group`, ou l’omettre")
        ColumnMissing { column: String, board: String }
            en("board {board} has no column `{column}`")
            fr("le tableau {board} n’a pas de colonne `{column}`")
        ColumnNotWritable { column: String, column_type: String }
            en("column `{column}` is of type `{column_type}`, which is not written")
            fr("la colonne `{column}` est du type `{column_type}`, qui ne s’écrit pas")
        CheckColumn { kind: Kind }
            en("correct `[entities.{kind}.columns]`, or the board")
            fr("corriger `[entities.{kind}.columns]`, ou le tableau")
        BadText { property: String }
            en("`{property}` holds text that cannot be decoded")
            fr("`{property}` contient un texte indéchiffrable")
        MendValue { kind: Kind }
            en("correct it in Hopem, or map it in `[entities.{kind}.columns]`")
            fr("corriger dans Hopem, ou dans `[entities.{kind}.columns]`")
        AddLabel { kind: Kind }
            en("add the label to the board, map the value in `[entities.{kind}.columns]`, or set `create_labels = true`")
            fr("ajouter l’étiquette au tableau, convertir la valeur dans `[entities.{kind}.columns]`, ou régler `create_labels = true`")
        ItemMissing { item: String }
            en("item {item} was deleted, archived or moved off its board on monday")
            fr("l’élément {item} a été supprimé, archivé ou déplacé hors de son tableau dans monday")
        ParentItemMissing { parent: String }
            en("the item of {parent} was deleted, archived or moved off its board on monday, so nothing can connect to it")
            fr("l’élément de {parent} a été supprimé, archivé ou déplacé hors de son tableau dans monday, rien ne peut y être lié")
        MendParent { parent: String }
            en("restore it in monday, or for a new item hopem-sync resync --relink {parent}; this follows by itself")
            fr("le restaurer dans monday, ou pour un nouvel élément hopem-sync resync --relink {parent}; le reste suit de lui-même")
        RelinkItem { entity: String }
            en("restore it in monday, or for a new item hopem-sync resync --relink {entity}, or for none hopem-sync unlink {entity}")
            fr("le restaurer dans monday, ou pour un nouvel élément hopem-sync resync --relink {entity}, ou pour aucun hopem-sync unlink {entity}")
        ItemStays { item: String, entity: String }
            en("give the token the right to it, or take item {item} away by hand; then hopem-sync resync {entity}")
            fr("donner ce droit au jeton, ou retirer l’élément {item} à la main; ensuite hopem-sync resync {entity}")
        TriedTooOften {}
            en("monday kept answering without saying what became of it")
            fr("monday répond sans dire ce qu’il en est advenu")
        ItemTwice { entity: String, items: Vec<String> }
            en("{entity} has several items on its board: {items}; the first one is used")
            fr("{entity} a plusieurs éléments sur son tableau : {items}; le premier est utilisé")
        IdentityAmbiguous { count: u64, example: String, items: Vec<String> }
            en("{count} {w}, such as {example} ({items}): none of these items is adopted; hopem-sync link {example} lists what fits", w = count.word("entity fits several items without a key, or shares them with another entity", "entities fit several items without a key, or share them with other entities"))
            fr("{count} {w}, comme {example} ({items}) : aucun de ces éléments n’est repris; hopem-sync link {example} montre ce qui convient", w = count.word("entité convient à plusieurs éléments sans clé, ou les partage avec une autre", "entités conviennent à plusieurs éléments sans clé, ou les partagent avec d’autres"))
        ParentsMissing { parent: Kind, count: u64, example: String }
            en("{count} {w} a {parent} that is not there, such as {example}; filled in when it comes", w = count.word("entity names", "entities name"))
            fr("{count} {w} un `{parent}` absent, comme {example}; le lien sera rempli quand il viendra", w = count.word("entité désigne", "entités désignent"))
        ParentsAmbiguous { parent: Kind, count: u64, example: String }
            en("{count} {w} a {parent} that several fit, such as {example}; left empty", w = count.word("entity names", "entities name"))
            fr("{count} {w} un `{parent}` auquel plusieurs répondent, comme {example}; le lien reste vide", w = count.word("entité désigne", "entités désignent"))
        KeyOnSeveralItems { entity: String, items: Vec<String>, used: String }
            en("the key {entity} stands on several items of its board: {items}; its item is {used}; see: hopem-sync status --duplicates")
            fr("la clé {entity} figure sur plusieurs éléments de son tableau : {items}; le sien est {used}; voir : hopem-sync status --duplicates")
        BoardLocked { board: String, why: Why<M> }
            en("board {board} is locked, for instance by an import, so nothing was written to it: {why}")
            fr("le tableau {board} est verrouillé, par une importation peut-être; rien n’y a été écrit : {why}")
        OthersGoOn {}
            en("the other boards are done; the next run retries the rest")
            fr("les autres tableaux sont faits; la prochaine exécution réessaiera")
        BoardFails { board: String, why: Why<M> }
            en("monday fails at what is left to send to board {board}, whatever it is: {why}")
            fr("monday échoue à ce qui reste à envoyer au tableau {board}, quoi que ce soit : {why}")
        ItemFails { why: Why<M> }
            en("monday fails each time at this entity alone, without saying what is wrong with it: {why}")
            fr("monday échoue chaque fois à cette seule entité, sans dire ce qui ne va pas : {why}")
        ResyncLater { entity: String }
            en("it is retried with growing pauses; at once with: hopem-sync resync {entity}")
            fr("elle est réessayée à intervalles croissants; tout de suite avec : hopem-sync resync {entity}")
        ColumnClosed { column: String, board: String, why: String }
            en("the token's user may not edit column `{column}` of board {board}, which is left out: {why}")
            fr("l’utilisateur du jeton ne peut pas modifier la colonne `{column}` du tableau {board}, elle est laissée de côté : {why}")
        OpenColumn { kind: Kind }
            en("let the token's user edit the column, or take it out of `[entities.{kind}.columns]`; it is retried once a day")
            fr("permettre à l’utilisateur du jeton de modifier la colonne, ou la retirer de `[entities.{kind}.columns]`; nouvel essai une fois par jour")
        BoardNotRead { board: String, why: Why<M> }
            en("board {board} could not be read to find what was changed by hand: {why}")
            fr("le tableau {board} n’a pas pu être lu pour y trouver les modifications manuelles : {why}")
        BoardNotWhole { board: String, why: Why<M> }
            en("board {board} cannot be read as a whole, so nothing is made or changed on it: {why}")
            fr("le tableau {board} ne se lit pas en entier, donc rien n’y est créé ni modifié : {why}")
        TryBoardLater {}
            en("the next run reads it again; if it stays so, compare with the board on monday, and contact monday's support")
            fr("la prochaine exécution le relira; si cela dure, comparer avec le tableau dans monday et en aviser son soutien technique")
        NoItemList {}
            en("the answer has no list of items")
            fr("la réponse n’a pas de liste d’éléments")
        NullItems {}
            en("the answer has items that are null")
            fr("la réponse contient des éléments nuls")
        ColumnLeftOut { column: String }
            en("the answer has items without their column `{column}`")
            fr("la réponse contient des éléments sans leur colonne `{column}`")
        CountDiffers { read: u64, count: u64 }
            en("monday counts {count} {w} on it and gave {read}", w = count.word("item", "items"))
            fr("monday y compte {count} {w} et en a donné {read}", w = count.word("élément", "éléments"))
        CountMissing {}
            en("monday does not say how many items it has")
            fr("monday ne dit pas combien d’éléments il contient")
        WaitingForNewItems { board: String }
            en("board {board} has items made a moment ago; waiting until searches know all of them")
            fr("le tableau {board} a des éléments tout récents; attente jusqu’à ce que les recherches les connaissent tous")
        WaitingForWholeBoard { board: String }
            en("board {board} did not come whole; waiting before it is read again")
            fr("le tableau {board} n’est pas arrivé en entier; attente avant de le relire")
        MadeElsewhere { board: String, count: u64 }
            en("{count} {w} on board {board} that this store had not made; another store, or a copy of this one, writes to it", w = count.word("item was found", "items were found"))
            fr("{count} {w} sur le tableau {board} sans que cette base locale les ait créés; une autre base, ou une copie de celle-ci, y écrit", w = count.word("élément a été trouvé", "éléments ont été trouvés"))
        KeysDoubled { board: String, count: u64 }
            en("{count} {w} on several items of board {board}", w = count.word("key stands", "keys stand"))
            fr("{count} {w} sur plusieurs éléments du tableau {board}", w = count.word("clé figure", "clés figurent"))
        KeysUnknown { board: String, count: u64 }
            en("{count} {w} of entities that this store does not have, made by another store or before an entity was forgotten, on board {board}; see: hopem-sync status --duplicates", w = count.word("item bears the key", "items bear keys"))
            fr("{count} {w} d’entités que cette base locale n’a pas, venant d’une autre base ou d’avant l’oubli d’une entité, sur le tableau {board}; voir : hopem-sync status --duplicates", w = count.word("élément porte la clé", "éléments portent des clés"))
        MendDoubled {}
            en("hopem-sync status --duplicates names them and what mends each; this is over once the board has been verified again")
            fr("hopem-sync status --duplicates les nomme, avec le remède; ceci disparaît à la prochaine vérification du tableau")
        SecondStore { board: String, count: u64 }
            en("{count} {w} made by another store, or a copy of this one, on board {board}", w = count.word("item was", "items were"))
            fr("{count} {w} par une autre base locale, ou une copie de celle-ci, sur le tableau {board}", w = count.word("élément a été créé", "éléments ont été créés"))
        OneStorePerBoard {}
            en("let only one store write to a board: end the other `hopem-sync`, or give it boards of its own; after restoring a backup this is over within a day")
            fr("une seule base locale par tableau : arrêter l’autre `hopem-sync`, ou lui donner ses propres tableaux; après la restauration d’une sauvegarde, ceci disparaît en un jour")
        ItemTakenAwayAgain { item: String, times: u64 }
            en("item {item} was taken off its board, as were the {times} made before it within a day; it is not made again")
            fr("l’élément {item} a été retiré de son tableau, comme les {times} créés avant lui en un jour; il n’est plus recréé")
        StopTheAutomation { entity: String }
            en("find the automation or the person that archives it, then hopem-sync resync --relink {entity}, or hopem-sync unlink {entity}")
            fr("trouver l’automatisation ou la personne qui l’archive, puis hopem-sync resync --relink {entity}, ou hopem-sync unlink {entity}")
        FormRemembered { count: u64, entity: String, column: String }
            en("the boards show {count} {w} otherwise than sent, for the second time and though nobody changes them, such as column `{column}` of {entity}; shown so once more, that counts as the board's form", w = count.word("value", "values"))
            fr("les tableaux affichent {count} {w} autrement que transmis, pour la deuxième fois et sans que personne y touche, comme la colonne `{column}` de {entity}; à la prochaine fois, ce sera admis comme la forme du tableau", w = count.word("valeur", "valeurs"))
        MappingChanged { kind: Kind, count: u64, calls: u64 }
            en("the configuration of `{kind}` has changed: {count} {w} written again, in about {calls} {c}", w = count.word("item is", "items are"), c = calls.word("call", "calls"))
            fr("la configuration de `{kind}` a changé : {count} {w}, en {calls} {c} environ", w = count.word("élément est réécrit", "éléments sont réécrits"), c = calls.word("appel", "appels"))
        VerificationPutOff { calls: u64, left: u64 }
            en("reading the boards to find what was changed by hand takes {calls} {w}, and {left} may be spent: it waits", w = calls.word("call", "calls"))
            fr("lire les tableaux pour y trouver les modifications manuelles demande {calls} {w}, et il en reste {left} : c’est remis", w = calls.word("appel", "appels"))
        WaitingForLimit {}
            en("monday asks to wait")
            fr("monday demande d’attendre")
        WaitingForBoard { board: String }
            en("an answer of board {board} was lost; waiting before asking what became of it")
            fr("une réponse du tableau {board} s’est perdue; attente avant de demander ce qu’il en est")
        AnAnswerLost {}
            en("an answer was lost")
            fr("une réponse a été perdue")
        AnswerLost { board: String, why: Why<M> }
            en("an answer about board {board} was lost ({why}); the board is asked what became of it before anything is sent again")
            fr("une réponse au sujet du tableau {board} s’est perdue ({why}); le tableau est interrogé sur ce qu’il en est avant tout nouvel envoi")
    }
}
