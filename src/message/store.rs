//! What is said of the store.

super::declare::messages! {
    /// Texts about the store.
    StoreText {
        Newer { path: String, found: u64, known: u64 }
            en("the store {path} has schema version {found}, this program knows up to {known}")
            fr("la base locale {path} a la version de schéma {found}; ce programme connaît jusqu’à {known}")
        InstallNewer {}
            en("install a newer hopem-sync, or point `--store` to another file")
            fr("installer un hopem-sync plus récent, ou désigner un autre fichier par `--store`")
        Foreign { path: String }
            en("{path} is a database, but no hopem-sync store")
            fr("{path} est une base de données, mais pas une base de hopem-sync")
        ChooseAnother {}
            en("point `--store` or `[store] path` to another file; this one was left as it is")
            fr("désigner un autre fichier par `--store` ou `[store] path`; celui-ci est resté intact")
        Damaged { path: String }
            en("the store {path} is damaged, or is no SQLite file; it was left as it is")
            fr("la base locale {path} est endommagée, ou n’est pas un fichier SQLite; elle est restée intacte")
        RestoreBackup {}
            en("put back a copy, or move the file away and run `hopem-sync sync`: items are found again by their key column")
            fr("remettre une copie, ou déplacer le fichier et lancer `hopem-sync sync` : les éléments sont retrouvés par leur colonne clé")
        CannotOpen { path: String }
            en("cannot open the store {path}")
            fr("impossible d’ouvrir la base locale {path}")
        CannotCreate { path: String }
            en("cannot make the store {path}")
            fr("impossible de créer la base locale {path}")
        FolderMissing { path: String, folder: String }
            en("the store {path} cannot be read: its folder {folder} is not there")
            fr("la base locale {path} ne peut être lue : son dossier {folder} n’existe pas")
        FolderMissingHelp {}
            en("correct the path, or mount the volume; where nothing was ever synced, `hopem-sync sync` makes the folder")
            fr("corriger le chemin, ou monter le volume; si rien n’a jamais été synchronisé, `hopem-sync sync` crée le dossier")
        LinkToNothing { path: String, target: String }
            en("the store {path} is a link to {target}, which is not there")
            fr("la base locale {path} est un lien vers {target}, qui n’existe pas")
        LinkToNothingHelp {}
            en("mount what the link leads to, or remove the link; no store is made behind a link")
            fr("monter ce vers quoi le lien mène, ou retirer le lien; aucune base n’est créée derrière un lien")
        NoFile { path: String }
            en("{path} is no file, so it cannot be the store")
            fr("{path} n’est pas un fichier; ce ne peut être la base locale")
        SeveralNames { path: String, count: u64 }
            en("the store {path} has {count} names (hard links); SQLite keeps what is newest beside one of them only")
            fr("la base locale {path} porte {count} noms (liens physiques); SQLite garde le plus récent à côté d’un seul d’entre eux")
        SeveralNamesHelp {}
            en("remove the other name (`find -samefile` lists them), or make a copy of its own: `hopem-sync backup`, `cp`")
            fr("retirer l’autre nom (`find -samefile` les liste), ou en faire une vraie copie : `hopem-sync backup`, `cp`")
        AskForAccess {}
            en("run it as the user whose store it is, or have this user given access to the file and its folder")
            fr("lancer la commande sous le compte à qui est la base, ou faire donner à ce compte l’accès au fichier et à son dossier")
        AskForAccessOrHandles {}
            en("see that this user may write in the store's folder, and that the process may open files enough (`ulimit -n`)")
            fr("vérifier que ce compte peut écrire dans le dossier de la base et que le processus peut ouvrir assez de fichiers (`ulimit -n`)")
        MakeRoom {}
            en("make room on the disk (or lift the limit on file sizes) and run it again; what is recorded stays")
            fr("libérer de l’espace disque (ou lever la limite de taille des fichiers) et relancer; ce qui est enregistré reste")
        WaitForOthers {}
            en("another process works on the store for long; run it again when it is done")
            fr("un autre processus travaille longuement sur la base; relancer quand il aura fini")
        LookAtDisk {}
            en("look at the disk and its free space, and at the system's log; then run it again")
            fr("vérifier le disque, son espace libre et le journal du système, puis relancer")
        CannotWork { path: String }
            en("cannot go on with the store {path}")
            fr("impossible de continuer avec la base locale {path}")
        CannotKeepBeside { path: String }
            en("cannot keep in {path} who was notified that the store cannot be used")
            fr("impossible de garder dans {path} qui a été avisé que la base locale est inutilisable")
        CannotLock { path: String }
            en("cannot take the lock {path}")
            fr("impossible de prendre le verrou {path}")
        UnknownWord { word: String, what: String }
            en("the store holds the unknown word `{word}` as {what}")
            fr("la base locale contient le mot inconnu `{word}` comme {what}")
        UnknownKind { path: String, kind: String }
            en("the store {path} holds entities of the kind `{kind}`, which this program does not know")
            fr("la base locale {path} contient des entités du type `{kind}`, que ce programme ne connaît pas")
        CannotWriteCopy { file: String }
            en("cannot write the copy {file}; nothing of it is left")
            fr("impossible d’écrire la copie {file}; il n’en reste rien")
        NoFolderForCopy { folder: String }
            en("there is no folder {folder} for the copy")
            fr("il n’y a pas de dossier {folder} pour la copie")
        MakeFolder { folder: String }
            en("mkdir -p {folder}, or name a file in another folder")
            fr("mkdir -p {folder}, ou nommer un fichier dans un autre dossier")
        CopyThere { file: String }
            en("{file} is there already, and is not overwritten")
            fr("{file} existe déjà et n’est pas écrasé")
        CopyThereHelp {}
            en("name a file that is not there yet")
            fr("nommer un fichier qui n’existe pas encore")
        CopyBesideStore { file: String }
            en("{file} is a name that SQLite uses beside the store")
            fr("{file} est un nom que SQLite emploie à côté de la base locale")
        NothingToCopy { path: String }
            en("there is no store at {path} to copy")
            fr("il n’y a pas de base locale à copier à {path}")
        NothingToCopyHelp {}
            en("nothing was ever synced with it, or the store is elsewhere: see `hopem-sync config show --origin`")
            fr("rien n’y a jamais été synchronisé, ou la base est ailleurs : voir `hopem-sync config show --origin`")
        CopyNotNoted { why: String }
            en("the copy is whole, but could not be noted in the store, so `forget` will not name it: {why}")
            fr("la copie est complète, mais n’a pu être notée dans la base; `forget` ne la nommera pas : {why}")
        Copied { file: String, bytes: u64 }
            en("copied the store to {file} ({bytes} bytes)")
            fr("base locale copiée vers {file} ({bytes} octets)")
        Forgotten { count: u64 }
            en("{count} {w} forgotten", w = count.word("entity", "entities"))
            fr("{count} {w}", w = count.word("entité oubliée", "entités oubliées"))
        ItemStays { entity: String, item: String, board: String }
            en("{entity}: item {item} stays on board {board}; delete it in monday if it is to go too")
            fr("{entity} : l’élément {item} reste sur le tableau {board}; le supprimer dans monday s’il doit partir aussi")
        ComesBack {}
            en("what Hopem still has comes back with the next pull: remove it there first, or leave it out by `filter`")
            fr("ce que Hopem a encore reviendra à la prochaine lecture : le retirer d’abord là-bas, ou l’exclure par `filter`")
        InCopies { files: Vec<String> }
            en("copies made before still hold it; delete them if it is to be gone everywhere: {files}")
            fr("des copies faites auparavant le contiennent encore; les supprimer s’il doit disparaître partout : {files}")
        LogInUse {}
            en("it is removed, but another process reads the store, so its log still holds traces; run it again, or the next run ends it")
            fr("c’est retiré, mais un autre processus lit la base et son journal garde des traces; relancer, ou le prochain run terminera")
        CallUnderWay {}
            en("not forgotten: monday's answer about it is not known yet, and what was sent is needed to find out")
            fr("pas oublié : la réponse de monday à son sujet n’est pas encore connue, et ce qui a été envoyé sert à la retrouver")
        SettleFirst {}
            en("run `hopem-sync push`, then forget it")
            fr("lancer `hopem-sync push`, puis oublier")
    }
}
