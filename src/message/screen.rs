//! What stands on the screens: headings, words for states, the lines at the end of a run.

use super::why::Why;
use crate::entity::Kind;

super::declare::messages! {
    /// Texts on screens.
    ScreenText<M> {
        StateSynced {}
            en("synced")
            fr("à jour")
        StatePending {}
            en("pending")
            fr("en attente")
        StateError {}
            en("error")
            fr("erreur")
        StatePaused {}
            en("paused")
            fr("en pause")
        StateUnlinked {}
            en("unlinked")
            fr("dissocié")
        StateOff {}
            en("off")
            fr("non transmis")
        StateDeleted {}
            en("deleted")
            fr("supprimé")
        HeadKind {}
            en("Kind")
            fr("Type")
        HeadTotal {}
            en("Total")
            fr("Total")
        HeadSynced {}
            en("synced")
            fr("à jour")
        HeadPending {}
            en("pending")
            fr("attente")
        HeadError {}
            en("error")
            fr("erreur")
        HeadPaused {}
            en("paused")
            fr("pause")
        HeadUnlinked {}
            en("unlinked")
            fr("dissocié")
        HeadOff {}
            en("off")
            fr("non transmis")
        Colon {}
            en(":")
            fr(" :")
        StatusLastRun { command: String, ago: String, outcome: String, took: String }
            en("hopem-sync · last run ({command}) {ago} ago ({outcome}, {took})")
            fr("hopem-sync · dernière exécution ({command}) il y a {ago} ({outcome}, {took})")
        StatusRunKilled { command: String, at: String }
            en("hopem-sync · the last run ({command}) was killed; it began at {at}")
            fr("hopem-sync · la dernière exécution ({command}) a été tuée; début : {at}")
        StatusRunAhead { command: String, at: String, outcome: String }
            en("hopem-sync · last run ({command}) ended at {at}, ahead of this clock ({outcome})")
            fr("hopem-sync · dernière exécution ({command}) terminée à {at}, en avance sur l’horloge ({outcome})")
        SideDown { side: String, error: String }
            en("{side}: {error}")
            fr("{side} : {error}")
        TroubleFor { error: String, span: String }
            en("{error} (for {span})")
            fr("{error} (depuis {span})")
        NothingReadFor { span: String }
            en("no kind was read for {span}")
            fr("aucun type n’a été lu depuis {span}")
        NeverRead {}
            en("never read")
            fr("jamais lu")
        ReadAhead { at: String }
            en("read last at {at}, ahead of this clock")
            fr("dernière lecture à {at}, en avance sur l’horloge")
        ReadLongAgo { ago: String }
            en("read last {ago} ago")
            fr("dernière lecture il y a {ago}")
        WaitsFor { span: String }
            en("a change waits for {span}")
            fr("un changement attend depuis {span}")
        WaitsSinceAhead { at: String }
            en("a change waits since {at}, ahead of this clock")
            fr("un changement attend depuis {at}, en avance sur l’horloge")
        StatusNoRun {}
            en("hopem-sync · no run yet")
            fr("hopem-sync · aucune exécution jusqu’ici")
        StatusErrors { errors: u64 }
            en("{errors} {w}: hopem-sync status --state error", w = errors.word("error", "errors"))
            fr("{errors} {w} : hopem-sync status --state error", w = errors.word("erreur", "erreurs"))
        StatusStuck { stuck: u64 }
            en("{stuck} {w} gone from Hopem, but not from the board: hopem-sync status --state deleted", w = stuck.word("entity is", "entities are"))
            fr("{stuck} {w} plus dans Hopem, mais toujours au tableau : hopem-sync status --state deleted", w = stuck.word("entité n’est", "entités ne sont"))
        CallsToday { today: u64 }
            en("monday.com: {today} {w} today", w = today.word("call", "calls"))
            fr("monday.com : {today} {w} aujourd’hui", w = today.word("appel", "appels"))
        CallsTodayOf { today: u64, most: String }
            en("monday.com: {today} of {most} calls today")
            fr("monday.com : {today} {w} sur {most} aujourd’hui", w = today.word("appel", "appels"))
        BrokenOff {}
            en("the answer broke off: what was written is not whole")
            fr("la réponse s’est interrompue : ce qui a été écrit n’est pas complet")
        NothingFound {}
            en("nothing found")
            fr("rien trouvé")
        ColumnError { column: String, error: String }
            en("column `{column}`: {error}")
            fr("colonne `{column}` : {error}")
        DeletedSince { at: String }
            en("deleted in Hopem since {at}")
            fr("supprimé dans Hopem depuis {at}")
        ItemIsKept {}
            en("its item stays (`[sync] on_delete`)")
            fr("son élément reste (`[sync] on_delete`)")
        ItemWaitsToGo {}
            en("its item waits to be taken off the board")
            fr("son élément attend d’être retiré du tableau")
        ItemHasGone {}
            en("its item was taken off the board, and is in the archive or the recycle bin")
            fr("son élément a été retiré du tableau : il est dans l’archive ou la corbeille")
        PushIt { selector: String }
            en("hopem-sync push {selector}")
            fr("hopem-sync push {selector}")
        StatusLeaving { leaving: u64 }
            en("{leaving} {w} to be taken off the board: hopem-sync push", w = leaving.word("item waits", "items wait"))
            fr("{leaving} {w} d’être {r} du tableau : hopem-sync push", w = leaving.word("élément attend", "éléments attendent"), r = leaving.word("retiré", "retirés"))
        UnderWayNow { command: String, since: String }
            en("a run is under way: {command} since {since}")
            fr("une exécution est en cours : {command} depuis {since}")
        ListTotal { count: u64 }
            en("{count} {w}", w = count.word("entity", "entities"))
            fr("{count} {w}", w = count.word("entité", "entités"))
        ListTotalOf { shown: u64, count: u64 }
            en("{shown} of {count} {w} (--limit)", w = count.word("entity", "entities"))
            fr("{shown} {w} sur {count} (--limit)", w = shown.word("entité", "entités"))
        NamedColumnError { column: String, error: String }
            en("column {column}: {error}")
            fr("colonne {column} : {error}")
        ColumnErrorOf { column: String, property: String, error: String }
            en("column {column} (`{property}` in Hopem): {error}")
            fr("colonne {column} (`{property}` dans Hopem) : {error}")
        ColumnOfName {}
            en("name")
            fr("nom")
        Titled { title: String }
            en("\"{title}\"")
            fr("« {title} »")
        NoSuchRun { run: String }
            en("there is no run {run}, or it is no longer kept")
            fr("l’exécution {run} n’existe pas, ou n’est plus conservée")
        ListRuns {}
            en("hopem-sync runs lists those that are kept (`[store] keep_runs`)")
            fr("hopem-sync runs donne la liste de celles qui sont conservées (`[store] keep_runs`)")
        ProgressDone { stage: String, kind: Kind, count: u64, milliseconds: u64 }
            en("{stage} {kind}: {count} done in {milliseconds} ms")
            fr("{stage} {kind} : {count} {w} en {milliseconds} ms", w = count.word("traité", "traités"))
        CallsNotCounted { why: Why<M> }
            en("the calls that this took were not counted: {why}")
            fr("les appels que cela a pris n’ont pas été comptés : {why}")
        PingFailed { why: Why<M> }
            en("`ping_url` could not be notified: {why}")
            fr("impossible d’aviser `ping_url` : {why}")
        StoppingSoon {}
            en("stopping within two seconds; once more stops at once")
            fr("arrêt en deux secondes au plus; encore une fois arrête tout de suite")
        NothingNamed {}
            en("nothing is named, here or on standard input, so there is nothing to do")
            fr("rien n’est nommé, ni ici ni sur l’entrée standard, il n’y a rien à faire")
        NoBoard {}
            en("no kind that was asked for has a board, so there is nothing to push")
            fr("aucun des types demandés n’a de tableau, il n’y a rien à transmettre")
        SelectorWithoutKey { selector: String }
            en("`{selector}` has no key after the colon")
            fr("`{selector}` n’a pas de clé après le deux-points")
        NoEntityFits {}
            en("no entity fits")
            fr("aucune entité ne correspond")
        NoStoreEntries { selectors: Vec<String> }
            en("the store has none of: {selectors}")
            fr("la base locale n’a rien de tout ceci : {selectors}")
        LeftAlone { count: u64 }
            en("{count} left alone (paused or unlinked)")
            fr("{count} {w} de côté (en pause ou {d})", w = count.word("laissé", "laissés"), d = count.word("dissocié", "dissociés"))
        AndMore { more: u64 }
            en("… and {more} more")
            fr("… et {more} de plus")
        AlsoDue { count: u64 }
            en("{count} {w} something of these and {b} due now: hopem-sync push", w = count.word("other entity shows", "other entities show"), b = count.word("is", "are"))
            fr("{count} {w} quelque chose de ce qui précède et {a} à transmettre : hopem-sync push", w = count.word("autre entité affiche", "autres entités affichent"), a = count.word("est maintenant", "sont maintenant"))
        ConfirmArchive { count: u64 }
            en("the next push archives the items of {count} {w} on monday; go on? [y/N]", w = count.word("entity", "entities"))
            fr("{count} {w} dans monday au prochain envoi; continuer? [o/N]", w = count.word("élément sera archivé", "éléments seront archivés"))
        ConfirmUnlink { count: u64 }
            en("the next push clears the keys of {count} {w} on monday, and nothing updates them any more; go on? [y/N]", w = count.word("item", "items"))
            fr("le prochain envoi effacera la clé de {count} {w} dans monday, et rien ne les mettra plus à jour; continuer? [o/N]", w = count.word("élément", "éléments"))
        NobodyToAsk {}
            en("this destroys something, and there is no terminal to ask on; nothing was changed")
            fr("ceci détruit quelque chose, et il n’y a pas de terminal où le demander; rien n’a été changé")
        ConfirmForget { count: u64 }
            en("{count} {w} from the store and its history, for good; go on? [y/N]", w = count.word("entity goes", "entities go"))
            fr("{count} {w} de la base et de son historique, pour de bon; continuer? [o/N]", w = count.word("entité disparaîtra", "entités disparaîtront"))
        NotConfirmed {}
            en("not confirmed, so nothing was changed")
            fr("pas de confirmation, rien n’a été changé")
        InputLine { line: u64, why: Why<M> }
            en("line {line} of standard input: {why}")
            fr("ligne {line} de l’entrée standard : {why}")
        InputTooLarge { megabytes: u64 }
            en("standard input holds more than {megabytes} MB")
            fr("l’entrée standard contient plus de {megabytes} Mo")
        UseYes {}
            en("--yes goes on without asking")
            fr("--yes continue sans demander")
        StillPaused { entities: Vec<String>, kinds: String }
            en("still paused, since the whole kind is: {entities}; hopem-sync resume {kinds}")
            fr("toujours en pause, car tout le type l’est : {entities}; hopem-sync resume {kinds}")
        BadDate { text: String }
            en("`{text}` is no date; write 2027-01-15, 2027-01-15T08:00:00Z, 3d or monday")
            fr("`{text}` n’est pas une date; écrire 2027-01-15, 2027-01-15T08:00:00Z, 3d ou lundi")
        WasNotPaused { entity: String }
            en("{entity} was not paused")
            fr("{entity} n’était pas en pause")
        WereNotPaused { count: u64 }
            en("{count} {w} not paused", w = count.word("was", "were"))
            fr("{count} {w} pas en pause", w = count.word("n’était", "n’étaient"))
        DatePast { text: String }
            en("`{text}` is past")
            fr("`{text}` est passé")
        IsUnlinked { entity: String }
            en("{entity} is unlinked: it is not pushed")
            fr("{entity} est dissocié : il n’est pas transmis")
        UseRelink { entity: String }
            en("hopem-sync resync --relink {entity} ties it to its item again")
            fr("hopem-sync resync --relink {entity} l’associe de nouveau à son élément")
        IsPaused { entity: String }
            en("{entity} is paused: nothing of it is pushed")
            fr("{entity} est en pause : rien n’en est transmis")
        UseResume { entity: String }
            en("hopem-sync resume {entity}")
            fr("hopem-sync resume {entity}")
        IsOff { entity: String }
            en("nothing of {entity} is pushed: its kind is not, or `only` leaves it out")
            fr("rien de {entity} n’est transmis : son type ne l’est pas, ou `only` l’exclut")
        UseExplain { entity: String }
            en("hopem-sync explain {entity} says why")
            fr("hopem-sync explain {entity} dit pourquoi")
        ColumnNotMapped { kind: Kind, column: String }
            en("nothing of {kind} goes into a column `{column}`")
            fr("rien des {kinds} ne va dans une colonne `{column}`", kinds = kind.many())
        MappedColumnsAre { columns: Vec<String> }
            en("the columns are {columns}")
            fr("les colonnes sont {columns}")
        PropertiesStored { entity: String, count: u64, properties: Vec<String> }
            en("{entity}: {count} {w} stored: {properties}", w = count.word("property", "properties"))
            fr("{entity} : {count} {w} : {properties}", w = count.word("propriété conservée", "propriétés conservées"))
        OfEntity { entity: String, text: String }
            en("{entity}: {text}")
            fr("{entity} : {text}")
        GoneFromHapi { entity: String }
            en("HApi has no {entity} any more")
            fr("HApi n’a plus de {entity}")
        FileUnwritableHelp {}
            en("name a file in a folder that is there, and that you may write to")
            fr("nommer un fichier dans un dossier qui existe et où l’écriture est permise")
        MetricsUnwritable { path: String }
            en("cannot write the figures to {path}")
            fr("impossible d’écrire les chiffres dans {path}")
        ConfigFile { path: String }
            en("# {path}")
            fr("# {path}")
        DefaultOrigin {}
            en("default")
            fr("valeur par défaut")
        When { at: String, ago: String }
            en("{at} ({ago} ago)")
            fr("{at} (il y a {ago})")
        WhenAhead { at: String }
            en("{at} (ahead of this clock)")
            fr("{at} (en avance sur l’horloge)")
        StoryReceived {}
            en("received")
            fr("reçu")
        StoryPushed {}
            en("pushed")
            fr("transmis")
        StoryItem {}
            en("item")
            fr("élément")
        StoryItemOn { item: String, board: String }
            en("{item} on board {board}")
            fr("{item} du tableau {board}")
        StoryItemOnBoard { item: String, name: String, board: String }
            en("{item} on board \"{name}\" ({board})")
            fr("{item} du tableau « {name} » ({board})")
        OriginAdopted {}
            en("adopted")
            fr("adopté")
        OriginLinked {}
            en("linked")
            fr("associé")
        StoryParent {}
            en("parent")
            fr("parent")
        StoryParentMissing { kind: Kind }
            en("no {kind} that it names is in the store; the connection stays empty until it comes")
            fr("{kind} : le parent désigné n’est pas dans la base locale; le lien reste vide jusqu’à son arrivée")
        StoryParentAmbiguous { kind: Kind }
            en("several {kind} entities fit, so none is taken; the connection stays empty")
            fr("{kind} : plusieurs parents conviennent, aucun n’est retenu; le lien reste vide")
        StoryUrl {}
            en("address")
            fr("adresse")
        StoryChildren {}
            en("children")
            fr("enfants")
        StoryChild {}
            en("child")
            fr("enfant")
        StoryMoreChildren { more: u64, entity: String }
            en("… and {more} more: hopem-sync status {entity} -v")
            fr("… et {more} de plus : hopem-sync status {entity} -v")
        StoryError {}
            en("error")
            fr("erreur")
        StoryHint {}
            en("to do")
            fr("à faire")
        StoryWhy {}
            en("why")
            fr("pourquoi")
        WhyPending {}
            en("the next push sends what has changed")
            fr("le prochain envoi transmettra ce qui a changé")
        WhyNoItemYet {}
            en("the next push makes its item")
            fr("le prochain envoi créera son élément")
        ExplainIt { entity: String }
            en("hopem-sync explain {entity} shows each column")
            fr("hopem-sync explain {entity} montre chaque colonne")
        StoryTries {}
            en("tries")
            fr("essais")
        StoryNextTry { tries: u64, at: String }
            en("{tries}; the next not before {at}")
            fr("{tries}; le prochain pas avant {at}")
        StoryParked { tries: u64 }
            en("{tries}; not retried until it changes or is resynced")
            fr("{tries}; plus d’essai avant un changement ou une resynchronisation")
        StoryPause {}
            en("paused")
            fr("pause")
        PausedSince { at: String }
            en("since {at}")
            fr("depuis {at}")
        PausedBy { who: String }
            en("by {who}")
            fr("par {who}")
        PausedUntil { at: String }
            en("until {at}")
            fr("jusqu’au {at}")
        PausedKind {}
            en("the whole kind")
            fr("tout le type")
        HeadEntity {}
            en("Entity")
            fr("Entité")
        HeadShown {}
            en("On the board")
            fr("Sur le tableau")
        NoDrift {}
            en("the boards show what was sent")
            fr("les tableaux montrent ce qui a été transmis")
        DriftMissing {}
            en("the item was deleted, archived or moved off its board")
            fr("l’élément a été supprimé, archivé ou déplacé hors de son tableau")
        DriftDouble {}
            en("another item bears its key; see: hopem-sync status --duplicates")
            fr("un autre élément porte sa clé; voir : hopem-sync status --duplicates")
        DriftKept {}
            en("kept")
            fr("conservé")
        NoDuplicates {}
            en("no key stands on two items, and no item belongs to two entities")
            fr("aucune clé sur deux éléments, aucun élément pour deux entités")
        MendDouble { item: String, entity: String, other: String }
            en("{item} is the one that is kept up to date: delete the others on monday; to keep {other} instead: hopem-sync unlink {entity} --archive-item && hopem-sync push {entity} && hopem-sync link {entity} {other}")
            fr("{item} est celui qui est tenu à jour : supprimer les autres dans monday; pour garder plutôt {other} : hopem-sync unlink {entity} --archive-item && hopem-sync push {entity} && hopem-sync link {entity} {other}")
        MendUnheld { entity: String, item: String }
            en("choose one: hopem-sync link {entity} {item}; then delete the others on monday")
            fr("en choisir un : hopem-sync link {entity} {item}; puis supprimer les autres dans monday")
        MendUnknown { entity: String }
            en("this store does not know {entity}: hopem-sync pull, if it is in Hopem; if another store made it, let only one write to the board; else delete it on monday")
            fr("cette base locale ne connaît pas {entity} : hopem-sync pull, si elle est dans Hopem; si une autre base l’a créée, n’en laisser qu’une écrire sur le tableau; sinon supprimer l’élément dans monday")
        MendBorrowed { entity: String, other: String }
            en("one of these items is that of {other}, and bears the key of {entity} by mistake: hopem-sync resync {other}")
            fr("l’un de ces éléments est celui de {other} et porte par erreur la clé de {entity} : hopem-sync resync {other}")
        MendShared { other: String }
            en("let one of them go: hopem-sync unlink {other} && hopem-sync push {other}")
            fr("en dissocier une : hopem-sync unlink {other} && hopem-sync push {other}")
        InRun { run: String }
            en("(run {run})")
            fr("(exécution {run})")
        SentAgain { count: u64 }
            en("{count} {w} sent again as before", w = count.word("column", "columns"))
            fr("{count} {w}", w = count.word("colonne renvoyée telle quelle", "colonnes renvoyées telles quelles"))
        StoryEvent {}
            en("webhook")
            fr("webhook")
        StoryChange {}
            en("change")
            fr("changement")
    }
}
