//! What is said of a run as a whole: how it begins, what stops it, what it sums up to.

use crate::entity::Kind;

super::declare::messages! {
    /// Texts about runs.
    RunText {
        NoHttpClient {}
            en("cannot prepare for HTTPS")
            fr("impossible de préparer HTTPS")
        CannotPrint {}
            en("cannot write the answer to stdout")
            fr("impossible d’écrire la réponse sur stdout")
        InstallCertificates {}
            en("install the package `ca-certificates`, or set SSL_CERT_FILE to a file with the certificates to trust")
            fr("installer le paquet `ca-certificates`, ou désigner par SSL_CERT_FILE un fichier de certificats")
        NoThread {}
            en("the system gives no more threads or open files; a limit on them is reached")
            fr("le système n’accorde plus de fils d’exécution ou de fichiers ouverts; une limite est atteinte")
        RaiseLimits {}
            en("see `ulimit -u` and `ulimit -n`, for a service `TasksMax` and `LimitNOFILE`")
            fr("voir `ulimit -u` et `ulimit -n`, pour un service `TasksMax` et `LimitNOFILE`")
        PlanFileUnwritable { path: String }
            en("the plan cannot be written to {path}")
            fr("impossible d’écrire le plan dans {path}")
        PlanFileUnreadable { path: String }
            en("the plan {path} cannot be read")
            fr("impossible de lire le plan {path}")
        NoPlanFile { path: String }
            en("{path} holds no plan of a push")
            fr("{path} ne contient pas de plan d’envoi")
        PlanMovedOn { path: String, entity: String, count: u64 }
            en("the plan in {path} no longer holds: {count} {w} would be changed otherwise now, such as {entity}; nothing was sent", w = count.word("entity", "entities"))
            fr("le plan de {path} ne vaut plus : {count} {w} autrement maintenant, comme {entity}; rien n’a été envoyé", w = count.word("entité serait changée", "entités seraient changées"))
        MakePlanFile { path: String }
            en("make a new one: hopem-sync push --dry-run --out {path}")
            fr("en faire un nouveau : hopem-sync push --dry-run --out {path}")
        LockHeld { pid: String, command: String, since: String }
            en("another run holds the lock (pid {pid}, `{command}` since {since})")
            fr("une autre exécution détient le verrou (pid {pid}, `{command}` depuis {since})")
        LockHeldBySomeone {}
            en("another run holds the lock")
            fr("une autre exécution détient le verrou")
        WaitForLock {}
            en("use --wait 60s to wait for it")
            fr("utiliser --wait 60s pour l’attendre")
        TooManyDeletes { kind: Kind, gone: u64, total: u64, limit: String }
            en("pull of {kind} would delete {gone} of {total} entities, more than `max_deletes` ({limit}) allows within 24 h")
            fr("la lecture des {kinds} supprimerait {gone} entités sur {total}, plus que `max_deletes` ({limit}) ne permet en 24 h", kinds = kind.many())
        TooManyMoreDeletes { kind: Kind, gone: u64, already: u64, total: u64, limit: String }
            en("pull of {kind} would delete {gone} more of {total} entities ({already} have gone within 24 h), more than `max_deletes` ({limit}) allows")
            fr("la lecture des {kinds} supprimerait encore {gone} entités sur {total} ({already} déjà parties en 24 h), plus que `max_deletes` ({limit}) ne permet", kinds = kind.many())
        TooManyDepartures { kind: Kind, gone: u64, total: u64, limit: String }
            en("{gone} of {total} items of {kind} would go from their board, more than `max_deletes` ({limit}) allows within 24 h")
            fr("{gone} éléments des {kinds} sur {total} quitteraient leur tableau, plus que `max_deletes` ({limit}) ne permet en 24 h", kinds = kind.many())
        TooManyMoreDepartures { kind: Kind, gone: u64, already: u64, total: u64, limit: String }
            en("{gone} more of {total} items of {kind} would go from their board ({already} have gone within 24 h), more than `max_deletes` ({limit}) allows")
            fr("encore {gone} éléments des {kinds} sur {total} quitteraient leur tableau ({already} déjà partis en 24 h), plus que `max_deletes` ({limit}) ne permet", kinds = kind.many())
        DeletesHint { kind: Kind }
            en("nothing of it was deleted and the rest is done; a wrong `filter` or a lost right is likelier than a demolition; if it is true: hopem-sync pull {kind} --allow-deletes")
            fr("rien n’en a été supprimé et le reste est fait; un mauvais `filter` ou un droit perdu est plus probable qu’une démolition; si c’est vrai : hopem-sync pull {kind} --allow-deletes")
        DeparturesHint { kind: Kind }
            en("none of them was archived and the rest is done; a slip in `only`, or a property that HApi emptied, is likelier than so many that left; if it is true: hopem-sync push {kind} --allow-deletes")
            fr("aucun n’a été archivé et le reste est fait; une faute dans `only`, ou une propriété vidée par HApi, est plus probable que tant de départs; si c’est vrai : hopem-sync push {kind} --allow-deletes")
        AbsentUnconfirmed { kind: Kind, count: u64 }
            en("{count} {w} of {kind} not received, and HApi did not say what became of them; they are kept", w = count.word("entity", "entities"))
            fr("{count} {w} des {kinds} non reçues, et HApi n’a pas dit ce qu’elles sont devenues; elles sont conservées", w = count.word("entité", "entités"), kinds = kind.many())
        StoppedBySignal {}
            en("stopped by a signal; what was done is recorded, the next run goes on")
            fr("arrêté par un signal; ce qui a été fait est enregistré, la prochaine exécution continuera")
        TimeUp {}
            en("`--max-duration` is over; what is left waits for the next run")
            fr("`--max-duration` est écoulé; le reste attend la prochaine exécution")
        NothingConfigured {}
            en("no kind is enabled, so there is nothing to read")
            fr("aucun type n’est activé, il n’y a rien à lire")
        NoStoreEntry { selector: String }
            en("the store has no `{selector}`")
            fr("la base n’a pas de `{selector}`")
        RunPull {}
            en("check the key, or run `hopem-sync pull` first")
            fr("vérifier la clé, ou lancer d’abord `hopem-sync pull`")
        UnknownKind { text: String }
            en("unknown kind `{text}`")
            fr("type inconnu `{text}`")
        UnknownKindNear { text: String, near: String }
            en("unknown kind `{text}`; did you mean `{near}`?")
            fr("type inconnu `{text}`; vouliez-vous dire `{near}`?")
        KindsAre { kinds: Vec<String>, in_french: Vec<String> }
            en("the kinds are {kinds}")
            fr("les types sont {in_french}")
        WaitingForLock { pid: String, command: String, since: String, seconds: u64 }
            en("waiting up to {seconds} s for another run to end (pid {pid}, `{command}` since {since})")
            fr("attente d’au plus {seconds} s de la fin d’une autre exécution (pid {pid}, `{command}` depuis {since})")
        GoneSince { selector: String, at: String }
            en("{selector} is deleted in Hopem since {at}, and has no item any more")
            fr("{selector} est supprimé dans Hopem depuis {at}, et n’a plus d’élément")
        SeeItsStory { selector: String }
            en("what became of it: hopem-sync status {selector}")
            fr("ce qu’il en est advenu : hopem-sync status {selector}")
        KindsAreOrSearch { kinds: Vec<String>, in_french: Vec<String>, text: String }
            en("to find an entity: hopem-sync status --search {text}; the kinds are {kinds}")
            fr("pour trouver une entité : hopem-sync status --search {text}; les types sont {in_french}")
        NeedsOneSelector {}
            en("name a kind or an entity, such as `unit` or `unit:1472`")
            fr("nommer un type ou une entité, comme `unit` ou `unit:1472`")
        KindDisabled { kind: Kind }
            en("`{kind}` is switched off in the configuration (`enabled = false`)")
            fr("`{kind}` est désactivé dans la configuration (`enabled = false`)")
        OnlyRead {}
            en("none of these kinds has a board: Hopem is read, and nothing is brought to monday; hopem-sync init --create-boards makes the boards")
            fr("aucun de ces types n’a de tableau : Hopem est lu, et rien n’est transmis à monday; hopem-sync init --create-boards crée les tableaux")
        EnableKind { kind: Kind }
            en("hopem-sync init {kind} adds a kind that was not chosen; one that has its columns needs `enabled = true`")
            fr("hopem-sync init {kind} ajoute un type qui n’avait pas été choisi; s’il a ses colonnes, il suffit de `enabled = true`")
        Warning { text: String }
            en("warning: {text}")
            fr("avertissement : {text}")
        Error { text: String }
            en("error: {text}")
            fr("erreur : {text}")
        CausedBy { text: String }
            en("caused by: {text}")
            fr("cause : {text}")
        Help { text: String }
            en("help: {text}")
            fr("aide : {text}")
    }
}
