//! What is said of the store.

super::messages! {
    /// Texts about the store.
    StoreText {
        Newer { path: String, found: u64, known: u64 }
            en("the store {path} has schema version {found}, this program knows up to {known}")
            fr("la base locale {path} a la version de schéma {found} ; ce programme connaît jusqu'à {known}")
        InstallNewer {}
            en("install a newer hopem-sync, or point `--store` to another file")
            fr("installer un hopem-sync plus récent, ou désigner un autre fichier par `--store`")
        Foreign { path: String }
            en("{path} is a database, but no hopem-sync store")
            fr("{path} est une base de données, mais pas une base de hopem-sync")
        ChooseAnother {}
            en("point `--store` or `[store] path` to another file; this one was left as it is")
            fr("désigner un autre fichier par `--store` ou `[store] path` ; celui-ci est resté intact")
        Damaged { path: String }
            en("the store {path} is damaged, or is no SQLite file; it was left as it is")
            fr("la base locale {path} est endommagée, ou n'est pas un fichier SQLite ; elle est restée intacte")
        RestoreBackup {}
            en("put back a copy, or move the file away and run `hopem-sync sync`: items are found again by their key column")
            fr("remettre une copie, ou déplacer le fichier et lancer `hopem-sync sync` : les éléments sont retrouvés par leur colonne clé")
        CannotOpen { path: String }
            en("cannot open the store {path}")
            fr("impossible d'ouvrir la base locale {path}")
        CannotCreate { path: String }
            en("cannot make the store {path}")
            fr("impossible de créer la base locale {path}")
    }
}
