//! The texts of the help, English and French.

/// Texts of commands, arguments and values.
pub(super) const PHRASES: &[(&str, &str)] = &[
    (
        "Keeps monday.com boards equal to what Hopem holds",
        "Garde les tableaux monday.com identiques à ce que contient Hopem",
    ),
    ("Configuration file", "Fichier de configuration"),
    ("Global options", "Options globales"),
    ("Store file", "Fichier de la base locale"),
    (
        "Use NAME.toml beside the configuration, with a store of its own",
        "Utiliser NOM.toml, à côté de la configuration, avec sa propre base locale",
    ),
    ("Print exactly one JSON document on stdout", "Afficher exactement un document JSON sur la sortie standard"),
    ("Print nothing where all went well, else one line", "N’afficher rien si tout va bien, sinon une ligne"),
    (
        "Say more: causes and waits on stderr, long lists whole",
        "En dire plus\u{a0}: causes et attentes sur la sortie d’erreur, longues listes en entier",
    ),
    ("When to use colour", "Quand employer la couleur"),
    ("On a terminal", "Sur un terminal"),
    ("Always", "Toujours"),
    ("Never", "Jamais"),
    ("Language of what people read", "Langue de ce que les gens lisent"),
    ("Answer yes to every question", "Répondre oui à toute question"),
    (
        "Wait this long for another run to end, such as 60s",
        "Attendre au plus ce temps la fin d’une autre exécution, comme 60s",
    ),
    ("Print help (see more with '--help')", "Afficher l’aide (en entier avec --help)"),
    ("Print help (see a summary with '-h')", "Afficher l’aide (un résumé avec -h)"),
    ("Print version", "Afficher la version"),
    ("Print this message or the help of the given subcommand(s)", "Afficher ceci, ou l’aide des commandes nommées"),
    ("Write a configuration from what Hopem offers", "Écrire une configuration d’après ce que Hopem offre"),
    (
        "Kinds to sync, such as `unit`; all that HApi gives if none is named",
        "Types à synchroniser, comme `unité`; tous ceux que HApi donne si aucun n’est nommé",
    ),
    (
        "Ask nothing: take every answer from the environment",
        "Ne rien demander\u{a0}: prendre toutes les réponses dans l’environnement",
    ),
    ("Print the configuration and write nothing", "Afficher la configuration et ne rien écrire"),
    (
        "Make a board for each kind that has none, and the columns that are missing on those made before",
        "Créer un tableau pour chaque type qui n’en a pas, et les colonnes qui manquent à ceux créés avant",
    ),
    (
        "The workspace that boards are made in; which there are is listed without it",
        "Espace de travail où créer les tableaux; sans lui, la liste des espaces est donnée",
    ),
    (
        "Map a kind onto the columns of a board that is there; may be repeated",
        "Relier un type aux colonnes d’un tableau existant; peut se répéter",
    ),
    (
        "Push only what has one of these values, such as tenant.TenantType=L,A; `*` for all; may be repeated",
        "N’envoyer que ce qui a l’une de ces valeurs, comme tenant.TenantType=L,A; `*` pour tout; peut se répéter",
    ),
    ("Read Hopem, then bring the monday boards up to date", "Lire Hopem, puis mettre à jour les tableaux monday"),
    (
        "Kinds to sync, such as `unit`; all if none is named",
        "Types à synchroniser, comme `unité`; tous si aucun n’est nommé",
    ),
    ("Read everything even where events would do", "Tout lire, même là où les événements suffiraient"),
    ("Push at most N entities", "Envoyer au plus N entités"),
    ("Spend at most N calls to monday", "Faire au plus N appels à monday"),
    (
        "Lift the guard against many deletes, for the kinds named",
        "Lever la protection contre les suppressions nombreuses, pour les types nommés",
    ),
    (
        "Give each entity its new key after `key` was changed; items and links stay",
        "Donner à chaque entité sa nouvelle clé après un changement de `key`; éléments et liens restent",
    ),
    (
        "Go on with another HApi, or another board, than the store belongs to",
        "Continuer avec un autre HApi, ou un autre tableau, que celui de la base locale",
    ),
    (
        "End after this long, such as 10m; what is left waits for the next run",
        "Finir après ce temps, comme 10m; le reste attend la prochaine exécution",
    ),
    ("Read into memory, print the plan and stop", "Lire en mémoire, afficher le plan et s’arrêter là"),
    ("Read Hopem into the store", "Lire Hopem dans la base locale"),
    ("Kinds to read, such as `unit`; all if none is named", "Types à lire, comme `unité`; tous si aucun n’est nommé"),
    ("Read into memory and print what would change", "Lire en mémoire et afficher ce qui changerait"),
    ("Bring the monday boards up to the store", "Mettre les tableaux monday au niveau de la base locale"),
    (
        "Kinds (`unit`) and entities (`unit:1472`) to push; all if none is named; `-` reads them from standard input",
        "Types (`unité`) et entités (`unit:1472`) à envoyer; tout si rien n’est nommé; `-` les lit sur l’entrée standard",
    ),
    ("Print the plan and stop", "Afficher le plan et s’arrêter là"),
    (
        "With --dry-run: write the plan to FILE too, readable by its owner alone",
        "Avec --dry-run\u{a0}: écrire aussi le plan dans FICHIER, lisible par son seul propriétaire",
    ),
    (
        "Send exactly what the plan in FILE says, or nothing where that no longer holds",
        "Envoyer exactement ce que dit le plan de FICHIER, ou rien s’il ne vaut plus",
    ),
    (
        "Show what is synced, pending, in error; with an entity, its whole story",
        "Montrer ce qui est synchronisé, en attente, en erreur; d’une entité, toute l’histoire",
    ),
    (
        "Kinds (`unit`) to list, or an entity (`unit:1472`) to tell about; `-` reads them from standard input",
        "Types (`unité`) à lister, ou entité (`unit:1472`) à raconter; `-` les lit sur l’entrée standard",
    ),
    ("Only entities in this state", "Seulement les entités dans cet état"),
    (
        "Only entities with these words in their name, key or record, with this telephone number, or with this item: its id, or its address",
        "Seulement les entités qui ont ces mots dans leur nom, leur clé ou leur enregistrement, ce numéro de téléphone, ou cet élément\u{a0}: son id ou son adresse",
    ),
    ("List at most N entities", "Lister au plus N entités"),
    ("List entities in this order", "Lister les entités dans cet ordre"),
    ("By name, without case", "Par nom, sans égard aux majuscules"),
    ("By kind and key, numbers as numbers", "Par type et clé, les nombres comme nombres"),
    ("The worst state first", "Le pire état d’abord"),
    ("Longest not read from Hopem first", "Les plus anciennement lues dans Hopem d’abord"),
    (
        "Longest not written to monday first, those never written before all",
        "Les plus anciennement écrites dans monday d’abord, avant tout celles qui ne l’ont jamais été",
    ),
    (
        "Read the boards and show where they differ from what was sent",
        "Lire les tableaux et montrer en quoi ils diffèrent de ce qui a été envoyé",
    ),
    (
        "Read the boards and show which keys stand on several items, and what to do about it",
        "Lire les tableaux et montrer quelles clés sont sur plusieurs éléments, et qu’y faire",
    ),
    (
        "Answer as a Nagios plug-in: one line, exit code 0 to 3",
        "Répondre comme un greffon Nagios\u{a0}: une ligne, un code de sortie de 0 à 3",
    ),
    (
        "How long ago any kind may have been read, any change may wait, and any trouble of a kind or a side may last",
        "Depuis quand un type peut avoir été lu, un changement attendre, et un problème d’un type ou d’un côté durer",
    ),
    ("With --check: how many entities may be in error", "Avec --check\u{a0}: combien d’entités peuvent être en erreur"),
    ("With --check: how many entities may be pending", "Avec --check\u{a0}: combien d’entités peuvent être en attente"),
    (
        "Show it again every 2 s, or as often as this says, until Ctrl-C",
        "Le montrer de nouveau toutes les 2 s, ou aussi souvent que dit, jusqu’à Ctrl-C",
    ),
    (
        "Write it as one page for a browser to FILE; - prints it",
        "L’écrire dans FICHIER comme page pour un navigateur; - l’affiche",
    ),
    (
        "With --html: show names of persons, and texts that may hold one",
        "Avec --html\u{a0}: montrer les noms de personnes, et les textes qui peuvent en contenir",
    ),
    (
        "Write the figures to FILE, for Prometheus' textfile collector; - prints them",
        "Écrire les chiffres dans FICHIER, pour le collecteur textfile de Prometheus; - les affiche",
    ),
    (
        "Show entities, their states and stories on the whole terminal, and act on them",
        "Montrer les entités, leurs états et leurs histoires en plein terminal, et agir sur elles",
    ),
    ("Stop pushing entities; they are still read", "Ne plus envoyer des entités; elles sont encore lues"),
    (
        "Kinds (`unit`) and entities (`unit:1472`); `-` reads them from standard input",
        "Types (`unité`) et entités (`unit:1472`); `-` les lit sur l’entrée standard",
    ),
    ("Why; shown in the entity's story", "Pourquoi; montré dans l’histoire de l’entité"),
    (
        "When it ends by itself: 2027-01-15, 2027-01-15T08:00:00Z, 3d, monday or lundi",
        "Quand elle finit d’elle-même\u{a0}: 2027-01-15, 2027-01-15T08:00:00Z, 3d, lundi",
    ),
    ("Push entities again that were paused", "Envoyer de nouveau des entités mises en pause"),
    (
        "Read entities now and send every mapped column again",
        "Lire des entités maintenant et renvoyer chaque colonne reliée",
    ),
    (
        "Those in this state (of the kinds named, or of all): error, pending, synced",
        "Celles dans cet état (des types nommés, ou de tous)\u{a0}: error, pending, synced",
    ),
    (
        "Send only this column again, named by its title or its id; with --state error, of those of which it failed",
        "Ne renvoyer que cette colonne, désignée par son titre ou son id; avec --state error, pour celles dont elle a échoué",
    ),
    ("Leave it to the next run", "Le laisser à la prochaine exécution"),
    ("Tie unlinked entities again", "Rattacher de nouveau les entités dissociées"),
    ("Print a record exactly as Hopem sent it", "Afficher un enregistrement exactement comme Hopem l’a envoyé"),
    ("What monday should get, by column", "Ce que monday devrait recevoir, par colonne"),
    ("What monday got last, by column", "Ce que monday a reçu en dernier, par colonne"),
    ("Both of them, side by side", "Les deux, côte à côte"),
    ("The whole record from HApi now", "L’enregistrement entier dans HApi maintenant"),
    (
        "Say of each column why it is, or is not, sent now",
        "Dire de chaque colonne pourquoi elle est, ou n’est pas, envoyée maintenant",
    ),
    ("An entity (`unit:1472`)", "Une entité (`unit:1472`)"),
    (
        "A column's title or id; `name` is the item's name. All columns if it is left out",
        "Titre ou id d’une colonne; `name` est le nom de l’élément. Sans elle, toutes les colonnes",
    ),
    (
        "Write the stored inventory of a kind, for another system to read",
        "Écrire l’inventaire local d’un type, pour un autre système",
    ),
    ("A kind, such as `unit`", "Un type, comme `unité`"),
    ("How it is written", "Comment il est écrit"),
    ("One array", "Un seul tableau JSON"),
    ("One record a line", "Un enregistrement par ligne"),
    ("Rows with a header", "Des lignes avec un en-tête"),
    (
        "What monday should show, as plain text by column, with the entity's state",
        "Ce que monday devrait montrer, en texte simple par colonne, avec l’état de l’entité",
    ),
    (
        "Only records whose property has this value; several of these must all hold",
        "Seulement les enregistrements dont la propriété a cette valeur; s’il y en a plusieurs, toutes doivent valoir",
    ),
    (
        "With --mapped --format csv: head the columns by their titles on the board",
        "Avec --mapped --format csv\u{a0}: en-têtes d’après les titres des colonnes du tableau",
    ),
    (
        "With --format csv: begin with the mark by which Excel knows UTF-8",
        "Avec --format csv\u{a0}: commencer par la marque à laquelle Excel reconnaît UTF-8",
    ),
    (
        "Attach an entity to an item that is there; list candidates",
        "Rattacher une entité à un élément existant; lister les candidats",
    ),
    (
        "An entity (`unit:1472`); with --auto a kind (`unit`), all if it is left out",
        "Une entité (`unit:1472`); avec --auto un type (`unité`), tous s’il est omis",
    ),
    ("The item; without it, candidates are listed", "L’élément; sans lui, les candidats sont listés"),
    (
        "Attach what has exactly one match: by the key column, then by the identity columns",
        "Rattacher ce qui a exactement une correspondance\u{a0}: par la colonne clé, puis par les colonnes d’identité",
    ),
    ("With --auto: show what would be attached", "Avec --auto\u{a0}: montrer ce qui serait rattaché"),
    ("Receive Hopem's webhooks into the store", "Recevoir les webhooks de Hopem dans la base locale"),
    ("Where to listen, instead of `[listen] address`", "Où écouter, au lieu de `[listen] address`"),
    ("Also read and push what the events name", "Lire et envoyer aussi ce que nomment les événements"),
    ("Read payloads from standard input, one a line", "Lire les contenus sur l’entrée standard, un par ligne"),
    ("Dissociate entities from their items", "Dissocier des entités de leurs éléments"),
    ("Archive the item too, at the next push", "Archiver aussi l’élément, au prochain envoi"),
    (
        "Show or change which entities HApi notifies by webhooks",
        "Montrer ou changer quelles entités HApi notifie par webhooks",
    ),
    ("Show what HApi notifies, and what it should", "Montrer ce que HApi notifie, et ce qu’il devrait notifier"),
    (
        "Ask HApi to notify kinds; repeating it does no harm",
        "Demander à HApi de notifier des types; le répéter ne nuit pas",
    ),
    ("Kinds, such as `unit`", "Types, comme `unité`"),
    (
        "Where HApi sends events: the public address of `listen`",
        "Où HApi envoie les événements\u{a0}: l’adresse publique de `listen`",
    ),
    (
        "Another header that HApi sends back, besides the configured one; may be repeated",
        "Un autre en-tête que HApi renvoie, en plus de celui qui est configuré; peut se répéter",
    ),
    ("Ask HApi to notify kinds no longer", "Demander à HApi de ne plus notifier des types"),
    (
        "Remove entities from the store and its history, for good",
        "Retirer pour de bon des entités de la base locale et de son historique",
    ),
    (
        "Kinds (`tenant`) and entities (`tenant:7535`), those gone from Hopem too; `-` reads them from standard input",
        "Types (`locataire`) et entités (`tenant:7535`), aussi celles disparues de Hopem; `-` les lit sur l’entrée standard",
    ),
    (
        "Show what HApi and the board of a kind have, and what of it is mapped",
        "Montrer ce qu’ont HApi et le tableau d’un type, et ce qui est relié",
    ),
    ("The kind", "Le type"),
    ("Ask neither HApi nor monday", "Ne rien demander à HApi ni à monday"),
    (
        "Look at everything without changing anything, and say what to do",
        "Examiner tout sans rien changer, et dire quoi faire",
    ),
    (
        "Write names, types and lengths of what HApi and the boards hold to FILE, for support: no value is in it",
        "Écrire dans FICHIER noms, types et longueurs de ce que contiennent HApi et les tableaux, pour le soutien\u{a0}: aucune valeur n’y est",
    ),
    ("Copy the store, also while other commands run", "Copier la base locale, même pendant d’autres commandes"),
    ("The new file; only its owner may read it", "Le nouveau fichier; seul son propriétaire peut le lire"),
    (
        "List past runs; with a number, what a run did",
        "Lister les exécutions passées; avec un numéro, ce qu’une exécution a fait",
    ),
    ("Number of a run", "Numéro d’une exécution"),
    ("With a run: every change, old and new", "Avec une exécution\u{a0}: chaque changement, ancien et nouveau"),
    (
        "List the last runs, then each as soon as it has ended, until Ctrl-C",
        "Lister les dernières exécutions, puis chacune dès qu’elle a fini, jusqu’à Ctrl-C",
    ),
    ("List at most N runs", "Lister au plus N exécutions"),
    (
        "Show the effective configuration, secrets masked; find every mistake in it",
        "Montrer la configuration effective, secrets masqués; y trouver chaque erreur",
    ),
    ("Show every setting as it counts now", "Montrer chaque réglage tel qu’il compte maintenant"),
    ("Say where each setting came from", "Dire d’où vient chaque réglage"),
    (
        "Find every mistake at once, without asking anybody",
        "Trouver toutes les erreurs d’un coup, sans rien demander à personne",
    ),
    (
        "Print what a shell needs to complete command lines",
        "Afficher ce qu’il faut à un shell pour compléter les lignes de commande",
    ),
    ("The shell", "Le shell"),
    (
        "Print the manual, or write its pages into a folder",
        "Afficher le manuel, ou en écrire les pages dans un dossier",
    ),
    ("Write a page per command into this folder", "Écrire une page par commande dans ce dossier"),
    ("Print the version", "Afficher la version"),
];

/// Names of values.
pub(super) const VALUE_NAMES: &[(&str, &str)] = &[
    ("ADDRESS:PORT", "ADRESSE:PORT"),
    ("COLUMN", "COLONNE"),
    ("COMMAND", "COMMANDE"),
    ("DIRECTORY", "DOSSIER"),
    ("DURATION", "DURÉE"),
    ("FIELD=VALUE", "CHAMP=VALEUR"),
    ("FILE", "FICHIER"),
    ("ITEM_ID", "ID_ÉLÉMENT"),
    ("KIND", "TYPE"),
    ("KIND.PROPERTY=VALUES", "TYPE.PROPRIÉTÉ=VALEURS"),
    ("KIND=BOARD", "TYPE=TABLEAU"),
    ("LANG", "LANGUE"),
    ("NAME", "NOM"),
    ("NAME:VALUE", "NOM:VALEUR"),
    ("ORDER", "ORDRE"),
    ("RUN", "EXÉCUTION"),
    ("SELECTOR", "SÉLECTEUR"),
    ("STATE", "ÉTAT"),
    ("TEXT", "TEXTE"),
    ("WHEN", "QUAND"),
];
