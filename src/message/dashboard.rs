//! What the dashboard says.

super::declare::messages! {
    /// Texts of the dashboard.
    DashboardText {
        NeedsTerminal {}
            en("`dashboard` needs a terminal: somebody has to type at stdin and look at stdout")
            fr("`dashboard` demande un terminal, avec quelqu’un qui tape sur stdin et regarde stdout")
        NoJson {}
            en("`dashboard` is a screen, and has no JSON")
            fr("`dashboard` est un écran, et n’a pas de JSON")
        UseStatus {}
            en("hopem-sync status shows the same elsewhere, and hopem-sync status --json for programs")
            fr("hopem-sync status montre la même chose ailleurs, et hopem-sync status --json aux programmes")
        TerminalLost { why: String }
            en("the terminal cannot be used: {why}")
            fr("le terminal est inutilisable\u{a0}: {why}")
        LiveRun { command: String, pid: String, ago: String, done: u64, all: u64 }
            en("{command} under way for {ago} (pid {pid}): {done} of {all} changes")
            fr("{command} en cours depuis {ago} (pid {pid})\u{a0}: {done} sur {all} changements")
        NoLiveRun {}
            en("no run under way")
            fr("aucune exécution en cours")
        Endless { flag: String }
            en("`{flag}` goes on until somebody ends it: neither one JSON document nor a silence comes of it")
            fr("`{flag}` continue jusqu’à ce que quelqu’un l’arrête\u{a0}: il n’en sort ni un document JSON ni un silence")
        AskAgain {}
            en("ask without it as often as needed; the answer takes milliseconds")
            fr("demander sans cette option, aussi souvent qu’il le faut; la réponse prend quelques millisecondes")
        TitleKinds {}
            en("Kinds")
            fr("Types")
        TitleEntities { count: u64 }
            en("{count} {w}", w = count.word("entity", "entities"))
            fr("{count} {w}", w = count.word("entité", "entités"))
        TitleFiltered { count: u64, state: String }
            en("{count} {w} ({state})", w = count.word("entity", "entities"))
            fr("{count} {w} ({state})", w = count.word("entité", "entités"))
        AllKinds {}
            en("All kinds")
            fr("Tous les types")
        KindUnavailable {}
            en("not available")
            fr("non disponible")
        KindTrouble {}
            en("● in error as a whole")
            fr("● en erreur, tout le type")
        NothingHere {}
            en("nothing here")
            fr("rien ici")
        NothingFits { text: String }
            en("nothing fits “{text}”")
            fr("rien ne correspond à «\u{a0}{text}\u{a0}»")
        Search { text: String }
            en("/ {text}")
            fr("/ {text}")
        Marked { count: u64 }
            en("{count} marked")
            fr("{count} {w}", w = count.word("choisie", "choisies"))
        KeysOfList {}
            en("↑↓ choose, Enter open, / search, 1-5 state, p pause, r resync, h help, q quit")
            fr("↑↓ choisir, Entrée ouvrir, / chercher, 1-5 état, p pause, h aide, q quitter")
        KeysOfSearch {}
            en("type to search, Enter keep, Esc clear")
            fr("taper pour chercher, Entrée garder, Échap effacer")
        KeysOfStory {}
            en("↑↓ scroll, Tab relative, Enter go, j JSON, p pause, r resync, u unlink, o item, Esc back")
            fr("↑↓ défiler, Tab parent/enfant, Entrée y aller, j JSON, p r u o, Échap retour")
        KeysOfJson {}
            en("Tab received/wanted/sent, ↑↓ scroll, Esc back")
            fr("Tab reçu/voulu/envoyé, ↑↓ défiler, Échap retour")
        KeysOfHelp {}
            en("Esc back")
            fr("Échap retour")
        KeysOfPause {}
            en("Enter next field, then run; Tab field; Esc cancel")
            fr("Entrée champ suivant, puis exécuter; Tab champ; Échap annuler")
        KeysOfConfirm {}
            en("Enter run, Esc cancel")
            fr("Entrée exécuter, Échap annuler")
        KeysOfUnlink {}
            en("yes and Enter unlink, Esc cancel")
            fr("oui et Entrée dissocier, Échap annuler")
        HelpTitle {}
            en("Keys")
            fr("Touches")
        HelpMove {}
            en("↑ ↓ PgUp PgDn Home End: choose; ← → or Tab: kinds and entities; Enter: the whole story")
            fr("↑ ↓ Page préc. Page suiv. Début Fin\u{a0}: choisir; ← → ou Tab\u{a0}: types et entités; Entrée\u{a0}: toute l’histoire")
        HelpSearch {}
            en("/ search while typing, by name, code, phone, key or item")
            fr("/ chercher en tapant, par nom, code, téléphone, clé ou élément")
        HelpFilter {}
            en("1 error, 2 pending, 3 paused, 4 unlinked, 5 synced, 0 all")
            fr("1 erreur, 2 en attente, 3 en pause, 4 dissocié, 5 à jour, 0 tout")
        HelpMark {}
            en("Space marks several for an action")
            fr("Espace en choisit plusieurs pour une action")
        HelpPause {}
            en("p pause with a reason and an end, or resume")
            fr("p mettre en pause avec une raison et une fin, ou reprendre")
        HelpResync {}
            en("r read now from Hopem and send every column again")
            fr("r relire dans Hopem et renvoyer chaque colonne")
        HelpJson {}
            en("j JSON: received, wanted, sent; differences are marked ≠")
            fr("j JSON\u{a0}: reçu, voulu, envoyé; les différences sont marquées ≠")
        HelpUnlink {}
            en("u dissociate from the item")
            fr("u dissocier de l’élément")
        HelpAddress {}
            en("o show the item’s address")
            fr("o montrer l’adresse de l’élément")
        HelpQuit {}
            en("q quit, Esc one step back; every action shows first the command that it equals")
            fr("q quitter, Échap un pas en arrière; chaque action montre d’abord la commande équivalente")
        AskPause { what: String }
            en("Pause {what}")
            fr("Mettre en pause {what}")
        AskResume { what: String }
            en("Resume {what}")
            fr("Reprendre {what}")
        AskResync { what: String }
            en("Read {what} from Hopem now and send every column again")
            fr("Relire {what} dans Hopem et renvoyer chaque colonne")
        AskRelink {}
            en("it is unlinked, so it is linked again")
            fr("une entité dissociée est de nouveau liée")
        AskNewItem {}
            en("its item is gone from the board: a new one is made. Who would have the old one back restores it in monday instead")
            fr("l’élément n’est plus sur le tableau\u{a0}: un nouveau est créé. Pour ravoir l’ancien, le restaurer plutôt dans monday")
        AskUnlink { what: String }
            en("Dissociate {what} from its item? The item stays, and loses its key.")
            fr("Dissocier {what} de son élément? L’élément reste, et perd sa clé.")
        AndOthers { what: String, more: u64 }
            en("{what} and {more} more")
            fr("{what} et {more} {w}", w = more.word("autre", "autres"))
        FieldAgreed {}
            en("yes or no")
            fr("oui ou non")
        FieldReason {}
            en("Reason")
            fr("Raison")
        FieldUntil {}
            en("Until")
            fr("Jusqu’au")
        UntilExample {}
            en("2027-01-15, monday, 3d; empty: until somebody resumes it")
            fr("2027-01-15, lundi, 3d; vide\u{a0}: jusqu’à une reprise")
        EqualCommand { command: String }
            en("$ {command}")
            fr("$ {command}")
        Address { url: String }
            en("{url}")
            fr("{url}")
        NoAddress {}
            en("it has no item yet, or the address of its board is not known before the next push")
            fr("elle n’a pas encore d’élément, ou l’adresse du tableau ne sera connue qu’au prochain envoi")
        Working { command: String, took: String }
            en("running for {took}: {command}")
            fr("en cours depuis {took}\u{a0}: {command}")
        OneAtATime {}
            en("one action is under way; wait for its end")
            fr("une action est en cours; attendre sa fin")
        WorkDone { command: String, took: String }
            en("done in {took}: {command}")
            fr("fait en {took}\u{a0}: {command}")
        WorkFailed { command: String, exit: String }
            en("exit {exit}: {command}")
            fr("code {exit}\u{a0}: {command}")
        WorkKilled { command: String }
            en("ended by a signal: {command}")
            fr("arrêté par un signal\u{a0}: {command}")
        WorkNotStarted { why: String }
            en("the command could not be started: {why}")
            fr("impossible de lancer la commande\u{a0}: {why}")
        ReadFailed { why: String }
            en("the store cannot be read just now: {why}")
            fr("le dépôt est illisible en ce moment\u{a0}: {why}")
        ColumnsUnread {}
            en("not known yet: the board was not read")
            fr("pas encore connues\u{a0}: le tableau n’a pas été lu")
        HeadTitle {}
            en("Column")
            fr("Colonne")
        HeadHopem {}
            en("Hopem")
            fr("Hopem")
        HeadBoard {}
            en("Board")
            fr("Tableau")
        HeadWhy {}
            en("Why")
            fr("Pourquoi")
        Relatives {}
            en("Parents and children")
            fr("Parents et enfants")
        NameColumn {}
            en("Name")
            fr("Nom")
        TabReceived {}
            en("received")
            fr("reçu")
        TabWanted {}
            en("wanted")
            fr("voulu")
        TabSent {}
            en("sent")
            fr("envoyé")
    }
}
