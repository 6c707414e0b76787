//! Texts about the configuration: what is wrong with it, where, and what to write instead.

use super::syntax::in_french;

super::declare::messages! {
    /// Texts about the configuration.
    ConfigText {
        ConfigMissing { paths: Vec<String> }
            en("no configuration found at {paths}")
            fr("aucune configuration trouvée ici : {paths}")
        ConfigMissingHelp {}
            en("`hopem-sync init` asks for what it needs and writes one; or pass --config FILE")
            fr("`hopem-sync init` demande le nécessaire et en écrit une; ou passer --config FICHIER")
        ConfigUnreadable { path: String }
            en("cannot read the configuration `{path}`")
            fr("impossible de lire la configuration `{path}`")
        ConfigUnreadableHelp {}
            en("check that it is a file and that the user running hopem-sync may read it")
            fr("vérifier que c’est un fichier et que l’utilisateur qui exécute hopem-sync a le droit de le lire")
        ConfigForbidden { path: String }
            en("cannot read the configuration `{path}`: permission denied")
            fr("impossible de lire la configuration `{path}` : permission refusée")
        ConfigForbiddenHelp { barrier: String, owner: String }
            en("`{barrier}` belongs to {owner}: run it as an account that may read it (sudo -u {owner} hopem-sync …), or give it to the account that runs hopem-sync (chown, chmod)")
            fr("`{barrier}` appartient à {owner} : exécuter la commande avec un compte qui peut la lire (sudo -u {owner} hopem-sync …), ou la donner au compte qui exécute hopem-sync (chown, chmod)")
        ConfigNotUtf8 { place: String }
            en("{place}: not valid UTF-8")
            fr("{place} : UTF-8 invalide")
        ConfigSyntax { place: String, problem: String }
            en("{place}: not valid TOML: {problem}")
            fr("{place} : TOML invalide : {problem}", problem = in_french(&problem))
        ConfigReadable { path: String }
            en("the configuration `{path}` holds a secret and others can read it; chmod 600 {path}")
            fr("la configuration `{path}` contient un secret et d’autres peuvent la lire; chmod 600 {path}")
        ProfileBad { profile: String }
            en("`{profile}` cannot be the name of a profile")
            fr("`{profile}` ne peut pas être le nom d’un profil")
        ProfileBadHelp {}
            en("a profile is a file beside the configuration: give its name without folder and without `.toml`; `config` and `store` are taken")
            fr("un profil est un fichier à côté de la configuration : donner son nom sans dossier et sans `.toml`; `config` et `store` sont pris")
        HomeUnknown { place: String, setting: String }
            en("{place}: `{setting}` begins with `~/`, but there is no home directory; write the whole path or set `HOME`")
            fr("{place} : `{setting}` commence par `~/`, mais il n’y a pas de dossier personnel; écrire le chemin complet ou définir `HOME`")
        StorePathBad { path: String, place: String }
            en("`{path}` ({place}) cannot be the store: it names no file")
            fr("`{path}` ({place}) ne peut être la base locale : aucun fichier n’y est nommé")
        StorePathBadHelp {}
            en("write the path of a file, such as /var/lib/hopem-sync/store.db")
            fr("écrire le chemin d’un fichier, tel que /var/lib/hopem-sync/store.db")
        StorePlaceUnknown {}
            en("there is no place for the store: no home directory is known")
            fr("il n’y a pas de place pour la base locale : aucun dossier personnel n’est connu")
        StorePlaceUnknownHelp {}
            en("set `[store] path`, `HOPEM_SYNC_STORE` or `HOME`, or pass --store FILE")
            fr("définir `[store] path`, `HOPEM_SYNC_STORE` ou `HOME`, ou passer --store FICHIER")

        SettingUnknown { place: String, key: String, known: Vec<String> }
            en("{place}: unknown key `{key}`; known here: {known}")
            fr("{place} : clé inconnue `{key}`; connues ici : {known}")
        SettingUnknownNear { place: String, key: String, nearest: String }
            en("{place}: unknown key `{key}`; did you mean `{nearest}`?")
            fr("{place} : clé inconnue `{key}`; vouliez-vous dire `{nearest}`?")
        SettingUnknownHere { place: String, key: String, section: String }
            en("{place}: unknown key `{key}`; it belongs in `{section}`")
            fr("{place} : clé inconnue `{key}`; sa place est dans `{section}`")
        SettingUnknownBelow { place: String, key: String }
            en("{place}: unknown key `{key}`; it belongs at the top, above the first section")
            fr("{place} : clé inconnue `{key}`; sa place est en haut, au-dessus de la première section")
        SettingKindUnknown { place: String, kind: String, kinds: Vec<String> }
            en("{place}: unknown kind `{kind}`; the kinds are {kinds}")
            fr("{place} : type inconnu `{kind}`; les types sont {kinds}")
        SettingKindUnknownNear { place: String, kind: String, nearest: String }
            en("{place}: unknown kind `{kind}`; did you mean `{nearest}`?")
            fr("{place} : type inconnu `{kind}`; vouliez-vous dire `{nearest}`?")
        SettingKindTwice { place: String, kind: crate::entity::Kind, names: Vec<String> }
            en("{place}: {names} name the same kind, `{kind}`; make them one")
            fr("{place} : {names} désignent le même type, `{kind}`; les réunir")
        SettingTwice { place: String, setting: String, value: String }
            en("{place}: `{value}` stands twice in `{setting}`")
            fr("{place} : `{value}` figure deux fois dans `{setting}`")
        SettingMissing { setting: String }
            en("`{setting}` is not set")
            fr("`{setting}` n’est pas défini")
        SettingMissingHelp { variable: String }
            en("write it in the configuration or set `{variable}`; `hopem-sync init` asks for all that is missing")
            fr("l’écrire dans la configuration ou définir `{variable}`; `hopem-sync init` demande tout ce qui manque")

        SettingWantsText { place: String, setting: String }
            en("{place}: `{setting}` must be text in quotes")
            fr("{place} : `{setting}` doit être un texte entre guillemets")
        SettingWantsName { place: String, setting: String }
            en("{place}: `{setting}` must not be empty")
            fr("{place} : `{setting}` ne doit pas être vide")
        SettingWantsProperty { place: String, setting: String }
            en("{place}: `{setting}` must name a property such as `UnitCode`, without blanks, braces or punctuation")
            fr("{place} : `{setting}` doit nommer une propriété comme `UnitCode`, sans espaces, accolades ni ponctuation")
        SettingWantsPlain { place: String, setting: String }
            en("{place}: `{setting}` must be text, a number, true or false")
            fr("{place} : `{setting}` doit être un texte, un nombre, true ou false")
        SettingWantsBoolean { place: String, setting: String }
            en("{place}: `{setting}` must be true or false")
            fr("{place} : `{setting}` doit être true ou false")
        SettingWantsNumber { place: String, setting: String, least: u64, most: u64 }
            en("{place}: `{setting}` must be a whole number from {least} to {most}")
            fr("{place} : `{setting}` doit être un nombre entier de {least} à {most}")
        SettingWantsNumberFrom { place: String, setting: String, least: u64 }
            en("{place}: `{setting}` must be a whole number, {least} or more")
            fr("{place} : `{setting}` doit être un nombre entier, {least} ou plus")
        SettingWantsPageSize { place: String, setting: String }
            en("{place}: `{setting}` must be `auto`, or a whole number from 1 to 5,000")
            fr("{place} : `{setting}` doit être `auto`, ou un nombre entier de 1 à 5 000")
        SettingWantsDuration { place: String, setting: String }
            en("{place}: `{setting}` must be a duration such as `500ms`, `60s`, `5m`, `24h` or `90d`")
            fr("{place} : `{setting}` doit être une durée comme `500ms`, `60s`, `5m`, `24h` ou `90d`")
        SettingWantsDurationOrNever { place: String, setting: String }
            en("{place}: `{setting}` must be a duration such as `24h` or `90d`, or `never`")
            fr("{place} : `{setting}` doit être une durée comme `24h` ou `90d`, ou `never`")
        SettingWantsSomeTime { place: String, setting: String }
            en("{place}: `{setting}` must be longer than 0")
            fr("{place} : `{setting}` doit être plus long que 0")
        SettingChoice { place: String, setting: String, value: String, choices: Vec<String> }
            en("{place}: `{setting}` cannot be `{value}`; expected one of {choices}")
            fr("{place} : `{setting}` ne peut pas être `{value}`; valeurs possibles : {choices}")
        SettingChoiceNear { place: String, setting: String, value: String, nearest: String, choices: Vec<String> }
            en("{place}: `{setting}` cannot be `{value}`; did you mean `{nearest}`? (one of {choices})")
            fr("{place} : `{setting}` ne peut pas être `{value}`; vouliez-vous dire `{nearest}`? (valeurs possibles : {choices})")
        SettingWantsTable { place: String, setting: String }
            en("{place}: `{setting}` must be a table")
            fr("{place} : `{setting}` doit être une table")
        SettingWantsThreshold { place: String, setting: String }
            en("{place}: `{setting}` must be one value or two, the larger one last, such as `5` or `5,50`, for ages `26h,50h`")
            fr("{place} : `{setting}` doit être une valeur ou deux, la plus grande à la fin, par exemple `5` ou `5,50`, pour un âge `26h,50h`")
        SettingWantsCommand { place: String, setting: String }
            en("{place}: `{setting}` must be a program and its arguments, such as `[\"/usr/bin/pass\", \"hapi\"]`")
            fr("{place} : `{setting}` doit être un programme et ses arguments, par exemple `[\"/usr/bin/pass\", \"hapi\"]`")
        SettingWantsList { place: String, setting: String }
            en("{place}: `{setting}` must be a list with at least one element, such as `[\"Id\"]`")
            fr("{place} : `{setting}` doit être une liste d’au moins un élément, comme `[\"Id\"]`")
        SettingWantsToml { place: String, setting: String }
            en("{place}: `{setting}` must be written as in the file, such as `[\"a\", \"b\"]` or `{{ a = \"b\" }}`")
            fr("{place} : `{setting}` doit s’écrire comme dans le fichier, par exemple `[\"a\", \"b\"]` ou `{{ a = \"b\" }}`")
        SettingWantsTemplate { place: String, setting: String, position: u64 }
            en("{place}: `{setting}` has an unmatched brace or an empty `{{}}` at its character {position}")
            fr("{place} : `{setting}` a une accolade sans sa paire ou un `{{}}` vide à son caractère {position}")
        SettingWantsUrl { place: String, setting: String }
            en("{place}: `{setting}` must be an address such as `https://example.com`, with http or https and a host")
            fr("{place} : `{setting}` doit être une adresse comme `https://exemple.com`, avec http ou https et un hôte")
        SettingUrlInsecure { place: String, setting: String }
            en("{place}: `{setting}` must begin with `https://`; only this machine itself may be asked with `http://`")
            fr("{place} : `{setting}` doit commencer par `https://`; `http://` n’est permis que vers cette machine")
        SettingUrlWithLogin { place: String, setting: String }
            en("{place}: `{setting}` must not hold a user name or a password; they have settings of their own")
            fr("{place} : `{setting}` ne doit contenir ni nom d’utilisateur ni mot de passe; ils ont leurs propres réglages")
        SettingWantsVersion { place: String, setting: String }
            en("{place}: `{setting}` must be a year and a month such as `2026-10`")
            fr("{place} : `{setting}` doit être une année et un mois comme `2026-10`")
        SettingWantsShare { place: String, setting: String }
            en("{place}: `{setting}` must be a share such as `10%`, at most `100%`, or a whole number")
            fr("{place} : `{setting}` doit être une part comme `10%`, au plus `100%`, ou un nombre entier")
        SettingWantsBoard { place: String, setting: String }
            en("{place}: `{setting}` must be a board's number such as `1234567890`, as in its address")
            fr("{place} : `{setting}` doit être le numéro d’un tableau comme `1234567890`, tel que dans son adresse")
        SettingWantsEndpoint { place: String, setting: String }
            en("{place}: `{setting}` must be the name of an entity set such as `Units`")
            fr("{place} : `{setting}` doit être le nom d’un jeu d’entités comme `Units`")
        SettingWantsAddress { place: String, setting: String }
            en("{place}: `{setting}` must be an address and a port such as `127.0.0.1:8787`")
            fr("{place} : `{setting}` doit être une adresse et un port comme `127.0.0.1:8787`")
        SettingWantsHeader { place: String, setting: String }
            en("{place}: `{setting}` must be the name of an HTTP header such as `X-Hopem-Sync-Token`")
            fr("{place} : `{setting}` doit être le nom d’un en-tête HTTP comme `X-Hopem-Sync-Token`")
        SettingWantsCountry { place: String, setting: String }
            en("{place}: `{setting}` must be a country's code of two letters such as `CA`")
            fr("{place} : `{setting}` doit être le code d’un pays en deux lettres comme `CA`")
        SettingWantsColumn { place: String, setting: String }
            en("{place}: column `{setting}` must be a property such as `\"UnitCode\"`, a template such as `\"{{City}}\"`, or a table with `field`, `template` or `relation`")
            fr("{place} : la colonne `{setting}` doit être une propriété comme `\"UnitCode\"`, un gabarit comme `\"{{City}}\"`, ou une table avec `field`, `template` ou `relation`")
        SettingWantsRelation { place: String, setting: String }
            en("{place}: relation `{setting}` must be properties such as `{{ ParkingId = \"Id\" }}` or `[\"CompanyNo\", \"DivisionNo\"]`, or the kind it goes through")
            fr("{place} : la relation `{setting}` doit être des propriétés comme `{{ ParkingId = \"Id\" }}` ou `[\"CompanyNo\", \"DivisionNo\"]`, ou le type par lequel elle passe")

        BoardWithoutKeyColumn { place: String, kind: crate::entity::Kind }
            en("{place}: `{kind}` has a `board` but no `key_column`, the text column that holds `{kind}:KEY`; without it, items could not be found again")
            fr("{place} : `{kind}` a un `board` mais pas de `key_column`, la colonne de texte qui contient `{kind}:CLÉ`; sans elle, les éléments ne pourraient pas être retrouvés")
        KeyColumnMapped { place: String, column: String }
            en("{place}: `{column}` is both `key_column` and one of `columns`; the key needs a column of its own")
            fr("{place} : `{column}` est à la fois `key_column` et une des `columns`; la clé a besoin de sa propre colonne")
        NameColumnMapped { place: String, column: String }
            en("{place}: `{column}` cannot be a column here; the item's name is set by `name`, beside `columns`")
            fr("{place} : `{column}` ne peut pas être une colonne ici; le nom de l’élément se règle par `name`, à côté de `columns`")
        IdentityUnmapped { place: String, column: String, columns: Vec<String> }
            en("{place}: `identity` names `{column}`, which is not one of `columns` ({columns})")
            fr("{place} : `identity` nomme `{column}`, qui n’est pas une des `columns` ({columns})")
        RelationToLater { place: String, kind: crate::entity::Kind, parent: crate::entity::Kind }
            en("{place}: `{parent}` cannot be a parent of `{kind}`: parents are pushed first, and `{parent}` does not come before `{kind}`")
            fr("{place} : `{parent}` ne peut pas être un parent de `{kind}` : les parents sont envoyés d’abord, et `{parent}` ne vient pas avant `{kind}`")
        RelationThroughNothing { place: String, parent: crate::entity::Kind, via: crate::entity::Kind, lacking: crate::entity::Kind, relation: crate::entity::Kind }
            en("{place}: `{parent}` cannot be found through `{via}`: `{lacking}` has no relation `{relation}` of its own")
            fr("{place} : `{parent}` ne peut pas être trouvé par `{via}` : `{lacking}` n’a pas de relation `{relation}` à soi")
        RelationMissing { place: String, kind: crate::entity::Kind, parent: crate::entity::Kind, relations: Vec<String> }
            en("{place}: `{kind}` has no relation `{parent}`; it has {relations}")
            fr("{place} : `{kind}` n’a pas de relation `{parent}`; ses relations : {relations}")
        RelationNone { place: String, kind: crate::entity::Kind }
            en("{place}: `{kind}` has no relations")
            fr("{place} : `{kind}` n’a pas de relations")
        ColumnSourceMissing { place: String, column: String }
            en("{place}: column `{column}` needs one of `field`, `template` and `relation`")
            fr("{place} : la colonne `{column}` a besoin de `field`, `template` ou `relation`")
        ColumnSourceTwice { place: String, one: String, other: String }
            en("{place}: `{other}` cannot stand beside `{one}`; a column has one of `field`, `template` and `relation`")
            fr("{place} : `{other}` ne peut pas accompagner `{one}`; une colonne a un seul de `field`, `template` et `relation`")
        ColumnOptionIdle { place: String, option: String }
            en("{place}: `{option}` means nothing beside `relation`")
            fr("{place} : `{option}` ne veut rien dire à côté de `relation`")
        ColumnTypeNotRelation { place: String }
            en("{place}: a column with `relation` can only have the type `board_relation`")
            fr("{place} : une colonne avec `relation` ne peut avoir que le type `board_relation`")
        ColumnTypeRelation { place: String }
            en("{place}: the type `board_relation` goes with `relation`, not with `field` or `template`")
            fr("{place} : le type `board_relation` va avec `relation`, pas avec `field` ni `template`")

        ColumnOptionOfOtherType { place: String, option: String, column_type: String }
            en("{place}: `{option}` means nothing for a column of type `{column_type}`")
            fr("{place} : `{option}` ne veut rien dire pour une colonne de type `{column_type}`")
        MoreMistakes { others: u64 }
            en("{others} more: hopem-sync config check")
            fr("{others} de plus : hopem-sync config check")
        SettingMissingInFile { place: String, setting: String, variable: String }
            en("{place}: `{setting}` is not set; write it there or set `{variable}`")
            fr("{place} : `{setting}` n’est pas défini; l’y écrire ou définir `{variable}`")
        BoardShared { place: String, kind: crate::entity::Kind, other: crate::entity::Kind, board: String }
            en("{place}: `{kind}` and `{other}` have the same board {board}; give each kind a board of its own")
            fr("{place} : `{kind}` et `{other}` ont le même tableau {board}; donner à chaque type son propre tableau")
        ConnectionWithoutBoard { place: String, kind: crate::entity::Kind, column: String, parent: crate::entity::Kind }
            en("{place}: column `{column}` of `{kind}` connects to items of `{parent}`, which has no board; give it one, or leave the column out")
            fr("{place} : la colonne `{column}` de `{kind}` se relie aux éléments de `{parent}`, qui n’a pas de tableau; lui en donner un, ou omettre la colonne")
        ParentNotRead { place: String, kind: crate::entity::Kind, column: String, parent: crate::entity::Kind }
            en("{place}: column `{column}` of `{kind}` takes from its `{parent}`, but `{parent}` is not read; set `enabled = true` in `[entities.{parent}]`, or leave the column out")
            fr("{place} : la colonne `{column}` de `{kind}` prend de son `{parent}`, mais `{parent}` n’est pas lu; mettre `enabled = true` dans `[entities.{parent}]`, ou omettre la colonne")
        ColumnsWithoutBoard { place: String, kind: crate::entity::Kind }
            en("{place}: `{kind}` has columns but no `board`: it is read and not pushed")
            fr("{place} : `{kind}` a des colonnes mais pas de `board` : il est lu et n’est pas envoyé")

        VariableUnknown { variable: String }
            en("the environment variable `{variable}` sets nothing: there is no such setting")
            fr("la variable d’environnement `{variable}` ne règle rien : ce réglage n’existe pas")
        VariableUnknownNear { variable: String, nearest: String }
            en("the environment variable `{variable}` sets nothing; did you mean `{nearest}`?")
            fr("la variable d’environnement `{variable}` ne règle rien; vouliez-vous dire `{nearest}`?")

        SecretReadable { path: String }
            en("others can read the secret in `{path}`; chmod 600 {path}")
            fr("d’autres peuvent lire le secret dans `{path}`; chmod 600 {path}")
        SecretMissing { setting: String }
            en("the secret `{setting}` is not set")
            fr("le secret `{setting}` n’est pas défini")
        SecretUnreadable { setting: String, path: String }
            en("cannot read the secret `{setting}` from `{path}`")
            fr("impossible de lire le secret `{setting}` dans `{path}`")
        SecretCommandNotStarted { setting: String, command: String }
            en("cannot start `{command}`, the command that prints the secret `{setting}`")
            fr("impossible de lancer `{command}`, la commande qui fournit le secret `{setting}`")
        SecretCommandFailed { setting: String, command: String, code: String }
            en("`{command}`, the command that prints the secret `{setting}`, failed (exit code {code})")
            fr("`{command}`, la commande qui fournit le secret `{setting}`, a échoué (code {code})")
        SecretCommandTimedOut { setting: String, command: String, seconds: u64 }
            en("`{command}`, the command that prints the secret `{setting}`, took longer than {seconds} s")
            fr("`{command}`, la commande qui fournit le secret `{setting}`, a pris plus de {seconds} s")
        SecretCommandHelp { command_setting: String }
            en("run what `{command_setting}` names by hand, as the same user and with nobody at a terminal; cron knows few variables and a short PATH, so name the program by its full path")
            fr("exécuter à la main ce que `{command_setting}` nomme, sous le même utilisateur et sans terminal; cron connaît peu de variables et un PATH court : nommer le programme par son chemin complet")
        SecretEmpty { setting: String, origin: String }
            en("the secret `{setting}` in `{origin}` is empty")
            fr("le secret `{setting}` dans `{origin}` est vide")
        SecretDamaged { setting: String, origin: String }
            en("the secret `{setting}` in `{origin}` is not one line of text")
            fr("le secret `{setting}` dans `{origin}` n’est pas une ligne de texte")
        SecretTooMany { setting: String, origin: String }
            en("the secret `{setting}` in `{origin}` is not one or two lines of text")
            fr("le secret `{setting}` dans `{origin}` n’est pas une ou deux lignes de texte")
        SecretCannotTravel { setting: String }
            en("the secret `{setting}` cannot stand in a header that HApi sends")
            fr("le secret `{setting}` ne peut pas figurer dans un en-tête que HApi envoie")
        SecretCannotTravelHelp {}
            en("make one of letters, digits and `-`, for instance with `openssl rand -hex 32`")
            fr("en faire un de lettres, de chiffres et de `-`, par exemple avec `openssl rand -hex 32`")
        SecretHelp { file_setting: String, variable: String }
            en("put it alone into a file that only the user running hopem-sync can read and name that in `{file_setting}`, or set `{variable}`")
            fr("le mettre seul dans un fichier que seul l’utilisateur qui exécute hopem-sync peut lire et nommer ce fichier dans `{file_setting}`, ou définir `{variable}`")
    }
}
