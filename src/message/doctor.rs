//! Texts of what `doctor` and `config check` find, and of what to do about it.

use super::why::Why;
use crate::entity::Kind;

super::declare::messages! {
    /// Texts of checks.
    DoctorText<M> {
        Error {}
            en("error")
            fr("erreur")
        Warning {}
            en("warning")
            fr("avertissement")
        Found { errors: u64, warnings: u64 }
            en("{errors} {}, {warnings} {}", errors.word("error", "errors"), warnings.word("warning", "warnings"))
            fr("{errors} {}, {warnings} {}", errors.word("erreur", "erreurs"), warnings.word("avertissement", "avertissements"))
        NothingFound { checked: u64 }
            en("{checked} {} checked, nothing found", checked.word("thing", "things"))
            fr("{checked} {}, rien à signaler", checked.word("vérification", "vérifications"))
        CheckedAndFound { checked: u64, errors: u64, warnings: u64 }
            en("{checked} {} checked: {errors} {}, {warnings} {}", checked.word("thing", "things"), errors.word("error", "errors"), warnings.word("warning", "warnings"))
            fr("{checked} {} : {errors} {}, {warnings} {}", checked.word("vérification", "vérifications"), errors.word("erreur", "erreurs"), warnings.word("avertissement", "avertissements"))

        Because { what: Why<M>, cause: Why<M> }
            en("{what}: {cause}")
            fr("{what} : {cause}")

        NoImports { why: String, at: String }
            en("monday refuses imports in bulk, as it said at {at}: {why}; new items go by mutations, which take more calls")
            fr("monday refuse les imports en lot, comme il l’a dit à {at} : {why}; les nouveaux éléments passent par des mutations, ce qui prend plus d’appels")
        SetRoute {}
            en("it is retried after a week; `[monday] route = \"mutations\"` does without")
            fr("nouvel essai après une semaine; `[monday] route = \"mutations\"` s’en passe")

        SecretShown { path: String }
            en("others than its owner can read the secret in {path}")
            fr("d’autres que son propriétaire peuvent lire le secret dans {path}")
        MakePrivate { path: String }
            en("chmod 600 {path}")
            fr("chmod 600 {path}")
        NotReadableByRunner { account: String, path: String }
            en("`{account}`, whose store it is, cannot read {path}: a sync under that account would fail")
            fr("`{account}`, à qui est la base locale, ne peut pas lire {path} : une synchro sous ce compte échouerait")
        GiveToRunner { account: String, path: String }
            en("chown {account} {path}, or pass it as a systemd credential")
            fr("chown {account} {path}, ou le passer comme justificatif systemd")
        RunnerCannotRead { place: String, account: String, path: String }
            en("{place} runs it as `{account}`, which cannot read {path}")
            fr("{place} le lance sous `{account}`, qui ne peut pas lire {path}")
        RunnerCouldNotRead { place: String, account: String, path: String }
            en("{place} would run it as `{account}` once it is enabled, and `{account}` cannot read {path}")
            fr("{place} le lancerait sous `{account}` une fois activée, et `{account}` ne peut pas lire {path}")
        LetEnter { account: String, path: String }
            en("let `{account}` into the folder {path}: give it to that account (chown), or to its group (chgrp, chmod 750)")
            fr("laisser `{account}` entrer dans le dossier {path} : le donner à ce compte (chown), ou à son groupe (chgrp, chmod 750)")
        RunnerOwnsNoStore { place: String, account: String, path: String, owner: String }
            en("{place} runs it as `{account}`, and {path} belongs to `{owner}`: what one of them writes the other cannot change")
            fr("{place} le lance sous `{account}`, et {path} appartient à `{owner}` : ce que l’un écrit, l’autre ne peut le modifier")
        RunItAs { owner: String }
            en("let it run as `{owner}` there, so that all work with one store")
            fr("l’y lancer sous `{owner}`, pour que tous travaillent avec une même base locale")
        NoSuchAccount { account: String, place: String }
            en("{place} runs it as `{account}`, and there is no such account")
            fr("{place} le lance sous `{account}`, et ce compte n’existe pas")
        MakeAccount { account: String }
            en("correct the name there, or make the account: useradd --system {account}")
            fr("y corriger le nom, ou créer le compte : useradd --system {account}")
        NoSuchGroup { group: String, place: String }
            en("{place} runs it with the group `{group}`, and there is no such group")
            fr("{place} le lance avec le groupe `{group}`, et ce groupe n’existe pas")
        MakeGroup { group: String }
            en("correct the name there, or make the group: groupadd --system {group}")
            fr("y corriger le nom, ou créer le groupe : groupadd --system {group}")
        SupportMayNotRun { group: String, owner: String }
            en("no rule of sudo lets the group `{group}` run it as `{owner}`, whose store it is")
            fr("aucune règle de sudo ne permet au groupe `{group}` de le lancer sous `{owner}`, à qui est la base locale")
        InstallRule {}
            en("install sudo, and copy examples/sudoers (of a package: in /usr/share/doc/hopem-sync/) to /etc/sudoers.d/hopem-sync, mode 0440")
            fr("installer sudo, et copier examples/sudoers (d’un paquet : dans /usr/share/doc/hopem-sync/) vers /etc/sudoers.d/hopem-sync, mode 0440")
        NoProgramForSupport { program: String, place: String }
            en("{place} lets {program} be run, and there is no program there")
            fr("{place} permet de lancer {program}, et il n’y a pas de programme là")
        CorrectRule { place: String }
            en("write the whole path of the program there: visudo -f {place}")
            fr("y écrire le chemin complet du programme : visudo -f {place}")
        SupportGroupMissing { group: String, place: String }
            en("{place} lets the group `{group}` run it, and /etc/group knows no such group")
            fr("{place} permet au groupe `{group}` de le lancer, et /etc/group ne connaît pas ce groupe")
        MakeSupportGroup { group: String }
            en("groupadd --system {group}, then usermod -aG {group} USER for each who helps")
            fr("groupadd --system {group}, puis usermod -aG {group} UTILISATEUR pour chaque personne du soutien")
        StoreOpen { path: String }
            en("others than its owner can enter or read {path}, which holds personal data")
            fr("d’autres que son propriétaire ont accès à {path}, qui contient des données personnelles")
        CloseStore { path: String, mode: String }
            en("chmod {mode} {path}")
            fr("chmod {mode} {path}")
        StoreOfAnother { path: String, owner: String }
            en("{path} belongs to `{owner}`; what this account wrote there, `{owner}` could not change")
            fr("{path} appartient à `{owner}`; ce que ce compte y écrirait, `{owner}` ne pourrait le modifier")
        RunAs { owner: String }
            en("run commands that write as that account: sudo -u {owner} hopem-sync …")
            fr("lancer sous ce compte les commandes qui écrivent : sudo -u {owner} hopem-sync …")

        CertFileUnused {}
            en("the file of certificates that SSL_CERT_FILE names is not used")
            fr("le fichier de certificats que désigne SSL_CERT_FILE n’est pas utilisé")
        NoCertificates {}
            en("no certificates to trust were found: no HTTPS server can be reached")
            fr("aucun certificat de confiance trouvé : aucun serveur HTTPS ne peut être joint")
        LittleRoom { room: u64, needed: u64 }
            en("{room} MB are free; the store may need {needed} MB")
            fr("{room} Mo sont libres; la base locale peut en demander {needed}")
        MakeRoom {}
            en("make room, or move the store: `[store] path`")
            fr("libérer de l’espace, ou déplacer la base locale : `[store] path`")
        ClockAhead { minutes: u64 }
            en("this machine's clock is {minutes} min ahead of the server's")
            fr("l’horloge de cette machine avance de {minutes} min sur celle du serveur")
        ClockBehind { minutes: u64 }
            en("this machine's clock is {minutes} min behind the server's")
            fr("l’horloge de cette machine retarde de {minutes} min sur celle du serveur")
        SetClock {}
            en("set it, for instance with `timedatectl set-ntp true`: waits and ages are reckoned by it")
            fr("la régler, par exemple avec `timedatectl set-ntp true` : attentes et âges en dépendent")
        NoProgramThere { program: String }
            en("there is no program at {program}, which this line runs")
            fr("il n’y a pas de programme à {program}, que cette ligne lance")
        CronFindsNoProgram { program: String, path: String }
            en("cron looks for `{program}` in {path} only, and it is not there")
            fr("cron ne cherche `{program}` que dans {path}, et il n’y est pas")
        CorrectUnit {}
            en("correct ExecStart in that unit, or install the program there; then systemctl daemon-reload")
            fr("corriger ExecStart dans cette unité, ou y installer le programme; puis systemctl daemon-reload")
        CredentialMissing { path: String }
            en("LoadCredential names {path}, which is not there: the service cannot start")
            fr("LoadCredential nomme {path}, qui n’existe pas : le service ne peut pas démarrer")
        WriteCredential {}
            en("write the secret into that file (mode 600, owned by root), or correct the unit")
            fr("écrire le secret dans ce fichier (mode 600, à root), ou corriger l’unité")
        TimerNotEnabled { timer: String }
            en("{timer} is there and not enabled, and no crontab runs the program: nothing syncs by itself")
            fr("{timer} est là sans être activée, et aucun crontab ne lance le programme : rien ne se synchronise de soi-même")
        MailerConfined { program: String }
            en("`[notify] command` runs {program} with `NoNewPrivileges=yes`, under which mail programs that need the rights of a group (setgid, such as postfix's postdrop) cannot hand a message over")
            fr("`[notify] command` lance {program} avec `NoNewPrivileges=yes`, qui empêche les programmes de courrier ayant besoin des droits d’un groupe (setgid, comme postdrop de postfix) de remettre un message")
        UseOtherNotice {}
            en("name a program that speaks SMTP itself, such as msmtp, or set `[notify] url`; systemctl edit with NoNewPrivileges=no only where that cannot be")
            fr("nommer un programme qui parle lui-même SMTP, comme msmtp, ou régler `[notify] url`; systemctl edit avec NoNewPrivileges=no seulement si c’est impossible")
        EnableTimer { timer: String }
            en("systemctl enable --now {timer}")
            fr("systemctl enable --now {timer}")
        CorrectCrontab {}
            en("write the whole path of the program in that line, or set PATH at the top of the file")
            fr("écrire le chemin complet du programme dans cette ligne, ou définir PATH en tête du fichier")

        LockHeldLong { pid: String, hours: u64 }
            en("process {pid} has held the lock for {hours} h")
            fr("le processus {pid} tient le verrou depuis {hours} h")
        LookAtProcess { pid: String }
            en("look what it does (`ps {pid}`), and end it: the lock dies with it, and nothing is lost")
            fr("regarder ce qu’il fait (`ps {pid}`), et l’arrêter : le verrou disparaît avec lui, et rien n’est perdu")
        LastRunOld { hours: u64 }
            en("the last run ended {hours} h ago")
            fr("la dernière exécution a pris fin il y a {hours} h")
        ScheduleIt {}
            en("see whether cron or the timer still runs it, and its mail or journal")
            fr("vérifier si cron ou la minuterie la lance encore, et son courriel ou son journal")
        LastRunFailed { run: String, code: u64 }
            en("run {run}, the last one, ended with exit {code}")
            fr("l’exécution {run}, la dernière, a fini avec le code {code}")
        ShowRun { run: String }
            en("hopem-sync runs {run}; hopem-sync status --state error")
            fr("hopem-sync runs {run}; hopem-sync status --state error")
        ValuesUncovered { property: String, count: u64, values: Vec<String> }
            en("{count} {} of `{property}` {}: {values}", count.word("value", "values"), count.word("stands in no `values` and goes to the board as it is", "stand in no `values` and go to the board as they are"))
            fr("{count} {} de `{property}` {} : {values}", count.word("valeur", "valeurs"), count.word("ne figure pas dans `values` et va telle quelle au tableau", "ne figurent pas dans `values` et vont telles quelles au tableau"))
        CoverValues { kind: Kind, column: String }
            en("add them to `values` of `{column}` in `[entities.{kind}.columns]`, or give it a `default`")
            fr("les ajouter à `values` de `{column}` dans `[entities.{kind}.columns]`, ou lui donner un `default`")

        LookAtNetwork {}
            en("check the address, the network, HTTPS_PROXY and NO_PROXY")
            fr("vérifier l’adresse, le réseau, HTTPS_PROXY et NO_PROXY")
        NameSetOrSwitchOff { kind: Kind }
            en("name its set in `[entities.{kind}] endpoint` (listed at the address in `[hapi] url` with /swagger behind it), or set `enabled = false` where the module is not bought")
            fr("nommer son jeu dans `[entities.{kind}] endpoint` (la liste est à l’adresse de `[hapi] url` suivie de /swagger), ou mettre `enabled = false` si le module n’est pas acheté")
        SwitchKindOff { kind: Kind }
            en("set `enabled = false` in `[entities.{kind}]` where the module is not bought; else ask Hopem for the right to read it")
            fr("mettre `enabled = false` dans `[entities.{kind}]` si le module n’est pas acheté; sinon demander à Hopem le droit de le lire")
        BeforeTheChange { what: Why<M> }
            en("the last run found: {what}; the configuration was changed since, and the next run shows whether it still holds")
            fr("la dernière exécution a constaté : {what}; la configuration a été modifiée depuis, et la prochaine exécution montrera si c’est encore vrai")
        NotNotified { event: String }
            en("webhooks are in use, but HApi does not notify `{event}`")
            fr("les webhooks sont utilisés, mais HApi ne notifie pas `{event}`")
        SubscribeIt { kind: Kind }
            en("hopem-sync subscribe add {kind} --url URL; until then the kind is read whole each time")
            fr("hopem-sync subscribe add {kind} --url URL; d’ici là le type est lu en entier chaque fois")
        ReceiverDead {}
            en("webhooks are in use, and no receiver runs now")
            fr("les webhooks sont utilisés, et aucun récepteur ne tourne")
        StartReceiver {}
            en("start it: systemctl start hopem-sync-listen, or hopem-sync listen")
            fr("le démarrer : systemctl start hopem-sync-listen, ou hopem-sync listen")

        GiveBoard {}
            en("`hopem-sync init --create-boards` makes a board for each kind; or give a kind `board`, `key_column` and `columns`: `hopem-sync columns KIND` shows what there is")
            fr("`hopem-sync init --create-boards` crée un tableau par type; ou donner à un type `board`, `key_column` et `columns` : `hopem-sync columns TYPE` montre ce qu’il y a")
        OtherVersion { wanted: String, given: String }
            en("monday answers with version {given} of its API, not with {wanted}: that one may be retired")
            fr("monday répond avec la version {given} de son API, non avec {wanted} : celle-ci est peut-être retirée")
        SetVersion {}
            en("install a newer hopem-sync, or set `[monday] api_version` to a version that is maintained")
            fr("installer un hopem-sync plus récent, ou mettre dans `[monday] api_version` une version maintenue")
        SmallAllowance { plan: String, allowed: u64, wanted: u64 }
            en("the account ({plan}) may make {allowed} calls a day, `[monday] daily_calls` is {wanted}")
            fr("le compte ({plan}) a droit à {allowed} appels par jour, `[monday] daily_calls` vaut {wanted}")
        LowerDailyCalls { allowed: u64 }
            en("set `[monday] daily_calls` below {allowed}: others share the allowance")
            fr("mettre `[monday] daily_calls` sous {allowed} : d’autres partagent ce quota")
        BoardArchived {}
            en("the board is archived or deleted")
            fr("le tableau est archivé ou supprimé")
        RestoreBoard { kind: Kind }
            en("restore it in monday, or name another one in `[entities.{kind}] board`")
            fr("le restaurer dans monday, ou en nommer un autre dans `[entities.{kind}] board`")
        BoardReadOnly {}
            en("the token's user may only look at the board")
            fr("l’utilisateur du jeton peut seulement consulter le tableau")
        GiveEditRights {}
            en("give that user the right to edit it, in the board's permissions")
            fr("donner à cet utilisateur le droit de le modifier, dans les permissions du tableau")
        BoardMultiLevel {}
            en("the board has several levels of items; items are made and looked for on the first one only")
            fr("le tableau a plusieurs niveaux d’éléments; les éléments ne sont créés et cherchés qu’au premier")
        UseClassicBoard {}
            en("use a classic board, or leave its lower levels to people")
            fr("utiliser un tableau classique, ou laisser ses niveaux inférieurs aux personnes")
        BoardOfTwoKinds { other: crate::entity::Kind }
            en("`{other}` has the same board")
            fr("`{other}` a le même tableau")
        GiveOwnBoard { kind: crate::entity::Kind }
            en("give each kind a board of its own: `board` in `[entities.{kind}]`")
            fr("donner à chaque type son propre tableau : `board` dans `[entities.{kind}]`")
        BoardFull { count: u64, limit: u64, wanted: u64 }
            en("the board has {count} of at most {limit} items, and {wanted} are to be made")
            fr("le tableau a {count} éléments sur {limit} au plus, et {wanted} sont à créer")
        MakeRoomOnBoard {}
            en("archive items that are no longer needed, narrow `only`, or ask monday for a higher limit")
            fr("archiver des éléments devenus inutiles, restreindre `only`, ou demander à monday une limite plus haute")
        ColumnsRequired { columns: Vec<String> }
            en("the board requires columns that nothing fills, so that no item can be made: {columns}")
            fr("le tableau exige des colonnes que rien ne remplit, de sorte qu’aucun élément ne peut être créé : {columns}")
        MapRequired { kind: Kind }
            en("map them in `[entities.{kind}.columns]`, or make them optional in the board's settings")
            fr("les relier dans `[entities.{kind}.columns]`, ou les rendre facultatives dans les réglages du tableau")
        BoardHasRules {}
            en("the board has rules for values; what breaks them will be refused")
            fr("le tableau a des règles sur les valeurs; ce qui les enfreint sera refusé")
        LookAtRules {}
            en("look at the board's validation rules, and whether what Hopem holds keeps them")
            fr("regarder les règles de validation du tableau, et si les données de Hopem les respectent")
        KeysTwice { count: u64, example: String }
            en("{count} {} on several items of the board, such as `{example}`", count.word("key stands", "keys stand"))
            fr("{count} {} sur plusieurs éléments du tableau, comme `{example}`", count.word("clé figure", "clés figurent"))
        ColumnArchived { column: String }
            en("column `{column}` is archived")
            fr("la colonne `{column}` est archivée")
        ColumnOfOtherType { column: String, configured: String, there: String }
            en("the configuration says type `{configured}`, the board's column `{column}` has type `{there}`")
            fr("la configuration dit type `{configured}`, la colonne `{column}` du tableau a le type `{there}`")
        CorrectType { kind: Kind }
            en("leave `type` out in `[entities.{kind}.columns]`: then the board's own counts; or name another column")
            fr("omettre `type` dans `[entities.{kind}.columns]` : celui du tableau compte alors; ou nommer une autre colonne")
        LabelsMissing { labels: Vec<String> }
            en("the column lacks labels that `values` and `default` name: {labels}")
            fr("il manque à la colonne des étiquettes que `values` et `default` nomment : {labels}")
        AddLabels { kind: Kind }
            en("add them on the board, correct `[entities.{kind}.columns]`, or set `[monday] create_labels = true`")
            fr("les ajouter au tableau, corriger `[entities.{kind}.columns]`, ou mettre `[monday] create_labels = true`")
        AddManagedLabels {}
            en("the labels are managed for the whole account: ask its administrator to add them")
            fr("les étiquettes sont gérées pour tout le compte : demander à son administrateur de les ajouter")
        ParentHasNoBoard { parent: Kind }
            en("the column connects to items of `{parent}`, which has no board")
            fr("la colonne se relie aux éléments de `{parent}`, qui n’a pas de tableau")
        GiveParentBoard { parent: Kind }
            en("give `[entities.{parent}]` a board, or leave the column out")
            fr("donner un tableau à `[entities.{parent}]`, ou omettre la colonne")
        ConnectedElsewhere { parent: Kind, board: String, targets: Vec<String> }
            en("the column leads to {targets}, not to {board}, where the items of `{parent}` are")
            fr("la colonne mène à {targets}, non à {board}, où sont les éléments de `{parent}`")
        ConnectToParents { kind: Kind }
            en("connect it to that board in its settings, or correct `board` in `[entities.{kind}]` or of the parent")
            fr("la relier à ce tableau dans ses réglages, ou corriger `board` dans `[entities.{kind}]` ou celui du parent")

        UsedBy {}
            en("used by")
            fr("sert à")
        FilledFrom {}
            en("filled from")
            fr("rempli de")
        Title {}
            en("title")
            fr("titre")

        ShapeWritten { path: String }
            en("wrote {path}: names, types and lengths, and no value; read it before you send it")
            fr("{path} écrit : noms, types et longueurs, et aucune valeur; le lire avant de l’envoyer")
        ShapeUnwritable { path: String }
            en("cannot write {path}")
            fr("impossible d’écrire {path}")
        ShapeUnwritableHelp {}
            en("name a file that is not there yet, in a folder that you may write to")
            fr("nommer un fichier qui n’existe pas encore, dans un dossier où l’écriture est permise")
    }
}
