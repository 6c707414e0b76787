//! What `init` asks and says, and what it writes into a configuration for people.

use super::why::Why;
use crate::entity::Kind;

super::declare::messages! {
    /// Texts of `init`.
    InitText<M> {
        Heading {}
            en("Configuration of hopem-sync. What is left out has its default; README.md lists every setting.")
            fr("Configuration de hopem-sync. Ce qui est omis garde sa valeur par défaut; README.fr.md décrit chaque réglage.")
        RemarkUrl {}
            en("the part before /api")
            fr("la partie avant /api")
        RemarkDailyCalls { limit: u64 }
            en("the account may spend {limit} calls a day, and others need some of them")
            fr("le compte a droit à {limit} appels par jour, et d’autres en ont besoin aussi")
        RemarkRecords { records: u64 }
            en("{records} {w} in HApi when this was written", w = records.word("record", "records"))
            fr("{records} {w} dans HApi à l’écriture de ce fichier", w = records.word("fiche", "fiches"))
        RemarkOnly { property: String, counts: String }
            en("{property}: {counts}. `only` says which of them are pushed.")
            fr("{property} : {counts}. `only` dit lesquels sont transmis.")
        RemarkOdd { property: String, odd: u64, filled: u64 }
            en("{odd} of {filled} values of {property} {w} not fit the others; what monday cannot take will be in error, with the reason", w = odd.word("does", "do"))
            fr("{odd} {w} de {property} sur {filled} {v} pas aux autres; ce que monday ne peut pas prendre sera en erreur, avec la raison", w = odd.word("valeur", "valeurs"), v = odd.word("ne ressemble", "ne ressemblent"))
        RemarkLeftOut { properties: Vec<String> }
            en("Not mapped: {properties}")
            fr("Non mis en correspondance : {properties}")
        RemarkNotChosen {}
            en("not chosen")
            fr("non choisi")
        RemarkUnavailable { why: Why<M> }
            en("HApi does not give this kind: {why}")
            fr("HApi ne donne pas ce type : {why}")
        RemarkOtherSets { sets: Vec<String> }
            en("HApi has other sets: {sets}. If one of them is meant, set `endpoint` to it and remove `enabled`.")
            fr("HApi a d’autres ensembles : {sets}. Si l’un d’eux convient, l’indiquer dans `endpoint` et retirer `enabled`.")
        RemarkSubscribable { kind: Kind }
            en("HApi can notify changes of these: hopem-sync subscribe add {kind} --url …")
            fr("HApi peut signaler leurs changements : hopem-sync subscribe add {kind} --url …")
        NobodyToAsk {}
            en("init asks questions, and there is no terminal to ask them on")
            fr("init pose des questions, et il n’y a pas de terminal pour les poser")
        UseFromEnv {}
            en("hopem-sync init --from-env takes the answers from $HOPEM_SYNC_HAPI_URL, $HOPEM_SYNC_HAPI_USERNAME, $HOPEM_SYNC_HAPI_PASSWORD, $HOPEM_SYNC_HAPI_API_KEY, $HOPEM_SYNC_MONDAY_TOKEN; with --print it writes nothing")
            fr("hopem-sync init --from-env prend les réponses dans $HOPEM_SYNC_HAPI_URL, $HOPEM_SYNC_HAPI_USERNAME, $HOPEM_SYNC_HAPI_PASSWORD, $HOPEM_SYNC_HAPI_API_KEY, $HOPEM_SYNC_MONDAY_TOKEN; avec --print, rien n’est écrit")
        AnswerMissing { setting: String }
            en("`{setting}` is not set")
            fr("`{setting}` n’est pas défini")
        SetVariable { variable: String }
            en("set ${variable}, or run hopem-sync init on a terminal")
            fr("définir ${variable}, ou lancer hopem-sync init dans un terminal")
        AlreadyThere { file: String }
            en("{file} is there already")
            fr("{file} existe déjà")
        AlreadyThereHelp {}
            en("nothing was changed; with --yes, what is missing in it is added, and what is set stays; --print shows what would be written")
            fr("rien n’a été modifié; avec --yes, ce qui y manque est ajouté et ce qui est défini reste; --print montre ce qui serait écrit")
        AskComplete { file: String }
            en("{file} is there already. Add what is missing in it? What is set stays. [y/N]")
            fr("{file} existe déjà. Ajouter ce qui y manque? Ce qui est défini reste. [o/N]")
        NotAgreed {}
            en("nothing was written")
            fr("rien n’a été écrit")
        SecretThere { path: String }
            en("{path} holds another secret than the one given now")
            fr("{path} contient un autre secret que celui donné maintenant")
        SecretThereHelp {}
            en("remove the file, or leave the environment variable out to use what is in it")
            fr("supprimer le fichier, ou retirer la variable d’environnement pour utiliser son contenu")
        CannotWrite { path: String }
            en("cannot write {path}")
            fr("impossible d’écrire {path}")
        AskUrl {}
            en("Address of HApi (the part before /api):")
            fr("Adresse de HApi (la partie avant /api) :")
        AskUsername {}
            en("HApi user:")
            fr("Utilisateur HApi :")
        AskAgain { question: String, proposed: String }
            en("{question} [{proposed}]")
            fr("{question} [{proposed}]")
        AnswerUnfit { answer: String, why: String }
            en("`{answer}` cannot be taken: {why}")
            fr("`{answer}` ne convient pas : {why}")
        StoppedUnwritten {}
            en("stopped by a signal; no configuration was written")
            fr("arrêt par un signal; aucune configuration n’a été écrite")
        AnswersKept { file: String }
            en("The answers so far are kept in {file}; hopem-sync init goes on with them")
            fr("Les réponses données sont gardées dans {file}; hopem-sync init reprend avec elles")
        GoesOn { file: String, answers: Vec<String> }
            en("Going on with the answers of an init that was not finished: {answers}. To be asked again, remove {file}")
            fr("Suite d’un init qui n’a pas été terminé, avec ses réponses : {answers}. Pour qu’elles soient redemandées, supprimer {file}")
        UnfinishedHeading {}
            en("Answers to hopem-sync init, which is not finished; the next one goes on with them and removes this file.")
            fr("Réponses à hopem-sync init, qui n’est pas terminé; le prochain reprend avec elles et supprime ce fichier.")
        RemoveUnfinished { file: String }
            en("remove {file}; what was answered is asked again then")
            fr("supprimer {file}; ce qui avait été répondu sera alors redemandé")
        AskPassword {}
            en("HApi password (it is not shown):")
            fr("Mot de passe HApi (il n’est pas affiché) :")
        AskApiKey {}
            en("HApi key, x-api-key (it is not shown):")
            fr("Clé HApi, x-api-key (elle n’est pas affichée) :")
        AskToken {}
            en("monday.com token (it is not shown):")
            fr("Jeton monday.com (il n’est pas affiché) :")
        AskKinds { kinds: Vec<String> }
            en("Which kinds? Enter takes all of these: [{kinds}]")
            fr("Quels types? Entrée les prend tous : [{kinds}]")
        AskOnly { property: String, codes: Vec<String> }
            en("{property}: which of them are pushed? Enter takes these, `*` all: [{codes}]")
            fr("{property} : lesquels sont transmis? Entrée prend ceux-ci, `*` tous : [{codes}]")
        AskWrite { file: String }
            en("Write {file}? [Y/n]")
            fr("Écrire {file}? [O/n]")
        UnknownAnswer { answer: String }
            en("`{answer}` is none of them")
            fr("`{answer}` n’en fait pas partie")
        KindSwitchedOff { kind: Kind }
            en("`{kind}` is switched off in the configuration; hopem-sync init {kind} adds it")
            fr("`{kind}` est désactivé dans la configuration; hopem-sync init {kind} l’ajoute")
        InputEnded {}
            en("the answers ended before the questions")
            fr("les réponses se sont terminées avant les questions")
        Reading {}
            en("Both logins are accepted; reading what HApi offers…")
            fr("Les deux connexions sont acceptées; lecture de ce que HApi offre…")
        LoggedIn { user: String, account: String, plan: String }
            en("monday.com: {user}, account {account} (plan {plan})")
            fr("monday.com : {user}, compte {account} (forfait {plan})")
        HeadKind {}
            en("Kind")
            fr("Type")
        HeadRecords {}
            en("In HApi")
            fr("Dans HApi")
        HeadPushed {}
            en("To push")
            fr("À transmettre")
        HeadColumns {}
            en("Columns")
            fr("Colonnes")
        CountedBy { kind: Kind, property: String, counts: String }
            en("{kind} by {property}: {counts}")
            fr("{kind} par {property} : {counts}")
        CodeNamed { code: String, label: String, count: u64 }
            en("{code} ({label}) {count}")
            fr("{code} ({label}) {count}")
        CodeBare { code: String, count: u64 }
            en("{code} {count}")
            fr("{code} {count}")
        PreviewOf { entity: String, name: String }
            en("{entity} would stand on its board as “{name}”")
            fr("{entity} figurerait sur son tableau comme « {name} »")
        WouldBeRefused { why: String }
            en("({why})")
            fr("({why})")
        Written { path: String }
            en("written: {path}")
            fr("écrit : {path}")
        NextCreateBoards {}
            en("Next: hopem-sync init --create-boards makes the boards; or set `board` of each kind by hand")
            fr("Ensuite : hopem-sync init --create-boards crée les tableaux; ou définir `board` de chaque type à la main")
        NextSync {}
            en("Next: hopem-sync sync --dry-run shows the plan, hopem-sync sync does it")
            fr("Ensuite : hopem-sync sync --dry-run montre le plan, hopem-sync sync l’exécute")
        ByTimer { timer: String }
            en("Then, every quarter of an hour by itself: sudo systemctl enable --now {timer}")
            fr("Puis, de soi-même tous les quarts d’heure : sudo systemctl enable --now {timer}")
        ByCron {}
            en("Then, every quarter of an hour by itself, a line for crontab -e:")
            fr("Puis, de soi-même tous les quarts d’heure, une ligne pour crontab -e :")
        CronLine { program: String, flags: String }
            en("*/15 * * * * {program} sync {flags}-q --max-duration 14m")
            fr("*/15 * * * * {program} sync {flags}-q --max-duration 14m")
        FirstLoad { items: u64, calls: u64, minutes: u64 }
            en("First load: {items} {w}, about {calls} {c} to monday.com, about {minutes} min", w = items.word("item", "items"), c = calls.word("call", "calls"))
            fr("Premier chargement : {items} {w}, environ {calls} {c} à monday.com, environ {minutes} min", w = items.word("élément", "éléments"), c = calls.word("appel", "appels"))
        Allowance { limit: u64 }
            en("The account may spend {limit} calls a day")
            fr("Le compte a droit à {limit} appels par jour")
        AllowanceUnknown {}
            en("monday.com does not show this token how many calls a day the account may spend")
            fr("monday.com ne dit pas à ce jeton combien d’appels par jour sont permis au compte")
        TakesDays { days: u64, most: u64 }
            en("With {most} calls a day it takes {days} days; each run goes on where the last one stopped")
            fr("Avec {most} appels par jour, il faut {days} jours; chaque exécution reprend où la précédente s’est arrêtée")
        PassesLimit { kind: Kind, items: u64, limit: u64 }
            en("{kind}: {items} items are more than the {limit} that a board may hold; narrow `only` or `filter`")
            fr("{kind} : {items} éléments dépassent les {limit} qu’un tableau peut contenir; restreindre `only` ou `filter`")
        BoardNeedsForm { given: String }
            en("`--board {given}` must have the form kind=NUMBER")
            fr("`--board {given}` doit avoir la forme type=NUMÉRO")
        BoardForTwo { board: String, kind: Kind, other: Kind }
            en("board {board} cannot be that of `{kind}`: it is that of `{other}`")
            fr("le tableau {board} ne peut pas être celui de `{kind}` : c’est celui de `{other}`")
        BoardForTwoHelp {}
            en("each kind needs a board of its own, or the items of one are taken for those of the other")
            fr("chaque type a besoin de son propre tableau, sinon les éléments de l’un passent pour ceux de l’autre")
        BoardsForOne { kind: Kind, boards: Vec<String> }
            en("`{kind}` is given several boards: {boards}")
            fr("plusieurs tableaux sont donnés à `{kind}` : {boards}")
        FewColumnsFit { kind: Kind, board: String, fit: u64, proposed: u64 }
            en("board {board} takes only {fit} of the {proposed} columns of `{kind}`: is it the board of `{kind}`? Its columns are found by their titles; add those that are missing, or give another number: --board {kind}=NUMBER")
            fr("le tableau {board} ne reçoit que {fit} des {proposed} colonnes de `{kind}` : est-ce bien le tableau de `{kind}`? Ses colonnes sont trouvées par leurs titres; ajouter celles qui manquent, ou donner un autre numéro : --board {kind}=NUMÉRO")
        FitsOther { board: String, kind: Kind, other: Kind }
            en("the columns of board {board} fit `{other}` better than `{kind}`: is it the board of `{other}`?")
            fr("les colonnes du tableau {board} conviennent mieux à `{other}` qu’à `{kind}` : est-ce le tableau de `{other}`?")
        MadeForOther { board: String, kind: Kind, other: Kind }
            en("board {board} cannot be that of `{kind}`: an init has made it for `{other}`, as its description says")
            fr("le tableau {board} ne peut pas être celui de `{kind}` : un init l’a créé pour `{other}`, comme le dit sa description")
        BoardMade { kind: Kind, name: String, board: String }
            en("board “{name}” ({kind}): {board}")
            fr("tableau « {name} » ({kind}) : {board}")
        BoardExample {}
            en("for example --board unit=1234567890; a board's number stands at the end of its address")
            fr("par exemple --board unit=1234567890; le numéro d’un tableau est à la fin de son adresse")
        CheckBoardNumber {}
            en("a board's number stands at the end of its address; the user of the token must be able to see it, and it must not be archived")
            fr("le numéro d’un tableau est à la fin de son adresse; l’utilisateur du jeton doit pouvoir le voir et il ne doit pas être archivé")
        WorkspaceMissing { workspaces: Vec<String> }
            en("--create-boards needs a workspace; there are {workspaces}")
            fr("--create-boards a besoin d’un espace de travail; il y a {workspaces}")
        WorkspaceMissingHelp {}
            en("say which: hopem-sync init --create-boards --workspace NUMBER")
            fr("dire lequel : hopem-sync init --create-boards --workspace NUMÉRO")
        AskWorkspace { workspaces: Vec<String> }
            en("Which workspace? Its number or its name; Enter takes the first: [{workspaces}]")
            fr("Quel espace de travail? Son numéro ou son nom; Entrée prend le premier : [{workspaces}]")
        RemarkWithoutLabel { column: String, codes: Vec<String> }
            en("Column “{column}” has no label for {codes}: add it to the board, then to `values`")
            fr("La colonne « {column} » n’a pas d’étiquette pour {codes} : l’ajouter au tableau, puis à `values`")
        LabelsMissing { column: String, board: String, labels: Vec<String> }
            en("column “{column}” of board {board}, which was there before, has no labels {labels}: add them there, or set `[monday] create_labels = true`")
            fr("la colonne « {column} » du tableau {board}, qui existait déjà, n’a pas les étiquettes {labels} : les y ajouter, ou mettre `[monday] create_labels = true`")
        KeyColumnWanted { kind: Kind, board: String }
            en("board {board} ({kind}) has no text column for the keys by which items are found again")
            fr("le tableau {board} ({kind}) n’a pas de colonne de texte pour les clés qui permettent de retrouver les éléments")
        KeyColumnWantedHelp { title: String }
            en("add a text column called “{title}” to it, or let --create-boards add it")
            fr("y ajouter une colonne de texte nommée « {title} », ou laisser --create-boards l’ajouter")
        BoardDescription { kind: String, marker: String }
            en("Filled from Hopem by hopem-sync: {kind}. Columns may be renamed and moved. {marker}")
            fr("Rempli depuis Hopem par hopem-sync : {kind}. Les colonnes peuvent être renommées et déplacées. {marker}")
        KeyColumnDescription { one: String }
            en("Filled from Hopem: the key by which hopem-sync finds the item of each {one} again. Leave it as it is.")
            fr("Rempli depuis Hopem : la clé par laquelle hopem-sync retrouve l’élément de chaque {one}. Ne pas la modifier.")
        ColumnDescription { source: String }
            en("Filled from Hopem: {source}")
            fr("Rempli depuis Hopem : {source}")
        WorkspaceKnown { workspace: String }
            en("Boards go into workspace {workspace}, as was answered before; into another one with --workspace NUMBER")
            fr("Les tableaux vont dans l’espace de travail {workspace}, comme répondu auparavant; dans un autre avec --workspace NUMÉRO")
        AskTakeOver { boards: Vec<String> }
            en("An init with another store, or with one that was lost, has made these boards: {boards}. Take them over? Not while another store fills them [y/N]")
            fr("Un init avec une autre base locale, ou avec une base perdue, a créé ces tableaux : {boards}. Les reprendre? Pas tant qu’une autre base les remplit [o/N]")
        TakenOver { boards: Vec<String> }
            en("boards that an init with another store has made are taken over, as --yes says: {boards}")
            fr("les tableaux créés par un init avec une autre base locale sont repris, comme le dit --yes : {boards}")
        OfAnother { boards: Vec<String> }
            en("these boards were made by an init with another store, or with one that was lost: {boards}")
            fr("ces tableaux ont été créés par un init avec une autre base locale, ou avec une base perdue : {boards}")
        OfAnotherHelp {}
            en("two stores on the same boards take each other's items for their own: have boards made in another workspace, with --workspace NUMBER; only where the other store is gone, take these over, with --yes")
            fr("deux bases sur les mêmes tableaux prennent les éléments l’une de l’autre pour les leurs : faire créer des tableaux dans un autre espace de travail, avec --workspace NUMÉRO; seulement si l’autre base n’existe plus, reprendre ceux-ci, avec --yes")
        BoardsUnsettled {}
            en("boards or columns that were made are not there when monday is asked for them")
            fr("des tableaux ou des colonnes créés n’apparaissent pas quand monday est interrogé")
        BoardTwice { kind: Kind, boards: Vec<String> }
            en("several boards are marked as the board of {kind}: {boards}")
            fr("plusieurs tableaux sont marqués comme tableau de {kind} : {boards}")
        BoardTwiceHelp { kind: Kind }
            en("say which one it is, with --board {kind}=NUMBER, or remove the mark from the description of the other")
            fr("dire lequel c’est, avec --board {kind}=NUMÉRO, ou retirer la marque de la description de l’autre")
        CheckRights {}
            en("check that the user of the token may make boards in this workspace; what was made is found again by the next hopem-sync init")
            fr("vérifier que l’utilisateur du jeton peut créer des tableaux dans cet espace de travail; ce qui a été créé est retrouvé par le prochain hopem-sync init")
        WaitingForAnswer {}
            en("an answer of monday was lost: waiting until its searches show what was made")
            fr("une réponse de monday s’est perdue : attente jusqu’à ce que ses recherches montrent ce qui a été créé")
        RunAgain {}
            en("hopem-sync init again goes on where this stopped")
            fr("relancer hopem-sync init reprend où ceci s’est arrêté")
        NothingOffered {}
            en("HApi gives none of the kinds that were asked for")
            fr("HApi ne donne aucun des types demandés")
        NothingOfferedHelp {}
            en("ask the vendor which modules this user may read, or name the entity sets: `[entities.unit] endpoint`")
            fr("demander au fournisseur quels modules cet utilisateur peut lire, ou nommer les ensembles : `[entities.unit] endpoint`")
        OnlyNeedsForm { given: String }
            en("`--only {given}` must have the form kind.Property=VALUE,VALUE")
            fr("`--only {given}` doit avoir la forme type.Propriété=VALEUR,VALEUR")
        OnlyOfOther { kind: Kind, property: String }
            en("`--only {kind}.{property}` is about a kind that is not set up now")
            fr("`--only {kind}.{property}` porte sur un type qui n’est pas configuré maintenant")
        OnlyUnknownNear { kind: Kind, property: String, nearest: String }
            en("HApi gives {kind} no property `{property}`; did you mean `{nearest}`?")
            fr("HApi ne donne à {kind} aucune propriété `{property}`; vouliez-vous dire `{nearest}`?")
        OnlyUnknown { kind: Kind, property: String, known: Vec<String> }
            en("HApi gives {kind} no property `{property}`; it has {known}")
            fr("HApi ne donne à {kind} aucune propriété `{property}`; celles qu’il donne : {known}")
        OnlyUnseen { kind: Kind, property: String, unseen: Vec<String>, seen: Vec<String> }
            en("no record of {kind} has {unseen} in {property}; seen: {seen}")
            fr("aucune fiche de {kind} n’a {unseen} dans {property}; valeurs vues : {seen}")
        OnlyStays { kind: Kind, property: String }
            en("`[entities.{kind}] only` says otherwise of `{property}` and stays as it is; change it by hand")
            fr("`[entities.{kind}] only` dit autre chose de `{property}` et reste tel quel; le modifier à la main")
        OnlyExample {}
            en("for example --only tenant.TenantType=L,A; `*` for all values")
            fr("par exemple --only tenant.TenantType=L,A; `*` pour toutes les valeurs")
    }
}
