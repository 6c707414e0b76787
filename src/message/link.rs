//! What is said of entities and the items that they belong to.

super::declare::messages! {
    /// Texts of `link`.
    LinkText {
        OneEntity {}
            en("link takes one entity, such as `unit:1472`")
            fr("link prend une seule entité, comme `unit:1472`")
        OrAuto {}
            en("hopem-sync link --auto matches whole kinds")
            fr("hopem-sync link --auto associe des types entiers")
        NoItemId { item: String }
            en("`{item}` is no item id")
            fr("`{item}` n’est pas un identifiant d’élément")
        ItemIdIs {}
            en("an item's id is the number at the end of its address on monday")
            fr("l’identifiant d’un élément est le nombre à la fin de son adresse dans monday")
        NotPushed { entity: String }
            en("{entity} is not pushed (no board, `push = false`, or outside `only`), so it has no item")
            fr("{entity} n’est pas transmis (pas de tableau, `push = false` ou hors de `only`), il n’a donc pas d’élément")
        UnderWay { entity: String }
            en("a call about {entity} is under way, or its answer was lost: it may have an item already")
            fr("un appel au sujet de {entity} est en cours, ou sa réponse s’est perdue : un élément existe peut-être déjà")
        PushFirst {}
            en("hopem-sync push asks what became of it")
            fr("hopem-sync push demande ce qu’il en est")
        ItemHeld { item: String, holder: String }
            en("item {item} belongs to {holder}")
            fr("l’élément {item} appartient à {holder}")
        LetGo { holder: String }
            en("let it go first: hopem-sync unlink {holder} && hopem-sync push {holder}")
            fr("le libérer d’abord : hopem-sync unlink {holder} && hopem-sync push {holder}")
        ItemHeldByGone { item: String, holder: String }
            en("item {item} still belongs to {holder}, which is gone from Hopem; the next push does with it what `[sync] on_delete` says")
            fr("l’élément {item} appartient encore à {holder}, qui n’est plus dans Hopem; le prochain envoi en fera ce que dit `[sync] on_delete`")
        LetGoOfGone { holder: String, entity: String }
            en("to keep the item for {entity}: hopem-sync unlink {holder} && hopem-sync push {holder}, then the same again")
            fr("pour garder l’élément pour {entity} : hopem-sync unlink {holder} && hopem-sync push {holder}, puis la même commande")
        HasAnotherItem { entity: String, item: String }
            en("{entity} has item {item}, which is on its board")
            fr("{entity} a l’élément {item}, qui est sur son tableau")
        UnlinkFirst { entity: String }
            en("let it go first, so that two items do not bear one key: hopem-sync unlink {entity} && hopem-sync push {entity}")
            fr("le libérer d’abord, pour que deux éléments ne portent pas la même clé : hopem-sync unlink {entity} && hopem-sync push {entity}")
        NotOnBoard { item: String, board: String }
            en("there is no active item {item} on board {board}")
            fr("il n’y a pas d’élément actif {item} sur le tableau {board}")
        ListCandidates { entity: String }
            en("hopem-sync link {entity} lists those that it may belong to")
            fr("hopem-sync link {entity} liste ceux auxquels il peut appartenir")
        NothingAttached {}
            en("the board could not be read, so nothing was attached")
            fr("le tableau n’a pas pu être lu, rien n’a été associé")
        Linked {}
            en("linked")
            fr("associé")
        WouldLink {}
            en("would link")
            fr("à associer")
        MayBe {}
            en("candidate")
            fr("candidat")
        NoMatch {}
            en("no match")
            fr("sans correspondance")
        AllLinked {}
            en("every entity has its item")
            fr("chaque entité a son élément")
        SameKey {}
            en("key column")
            fr("colonne clé")
        SameIdentity {}
            en("identity columns")
            fr("colonnes d’identité")
        SameName {}
            en("equal name")
            fr("même nom")
        ChooseOne { entity: String, item: String }
            en("to attach one of them: hopem-sync link {entity} {item}")
            fr("pour en associer un : hopem-sync link {entity} {item}")
    }
}
