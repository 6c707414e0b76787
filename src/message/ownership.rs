//! What is said where the configuration names another source, other boards or other keys than the store belongs to.

use crate::entity::Kind;

super::declare::messages! {
    /// Texts about whose the store is.
    OwnershipText {
        SourceChanged { known: String, given: String }
            en("the store holds the entities of the HApi at {known}, and `[hapi] url` now names {given}")
            fr("la base contient les entités du HApi de {known}, et `[hapi] url` désigne maintenant {given}")
        AcceptSource { command: String }
            en("nothing was touched; another client needs a store of its own (--profile NAME); if it is the same client's HApi at a new address: hopem-sync {command} --accept-new-source")
            fr("rien n’a été touché; un autre client a besoin de sa propre base (--profile NOM); si c’est le HApi du même client à une nouvelle adresse : hopem-sync {command} --accept-new-source")
        SourceAccepted { known: String, given: String }
            en("the store now belongs to the HApi at {given}, no longer to the one at {known}")
            fr("la base appartient maintenant au HApi de {given}, et non plus à celui de {known}")
        DatabaseChanged { known: String, given: String }
            en("the store holds the entities of the client database {known}, and HApi's webhooks now come from {given}")
            fr("la base contient les entités de la base client {known}, et les webhooks de HApi viennent maintenant de {given}")
        AcceptDatabase { command: String }
            en("nothing was touched; if `[hapi]` serves another client now, that one needs a store of its own (--profile NAME); if webhooks of another client come here by mistake, end that subscription; if it is the same client's database under a new name: hopem-sync {command} --accept-new-source")
            fr("rien n’a été touché; si `[hapi]` sert maintenant un autre client, il lui faut sa propre base (--profile NOM); si les webhooks d’un autre client arrivent ici par erreur, mettre fin à cet abonnement; si c’est la base du même client sous un nouveau nom : hopem-sync {command} --accept-new-source")
        DatabaseAccepted { known: String, given: String }
            en("the store now belongs to the client database {given}, no longer to {known}")
            fr("la base appartient maintenant à la base client {given}, et non plus à {known}")
        OtherDatabase { known: String, given: String }
            en("a webhook came from the client database {given}, and this store holds the entities of {known}; it was taken as a hint like any other")
            fr("un webhook est venu de la base client {given}, et cette base contient les entités de {known}; il a été pris pour un indice comme un autre")
        BoardChanged { kind: Kind, count: u64, known: String, given: String }
            en("{count} {w} of {kind} {v} on board {known}, and `[entities.{kind}] board` now names {given}", w = count.word("item", "items"), v = count.word("is", "are"))
            fr("{count} {w} des {kinds} {v} sur le tableau {known}, et `[entities.{kind}] board` désigne maintenant {given}", w = count.word("élément", "éléments"), v = count.word("est", "sont"), kinds = kind.many())
        AcceptBoard { command: String }
            en("nothing was touched; set the board back, or take the new one, where the items are found or made, while the old ones stay as they are: hopem-sync {command} --accept-new-source")
            fr("rien n’a été touché; remettre le tableau d’avant, ou prendre le nouveau, où les éléments sont retrouvés ou créés tandis que les anciens restent tels quels : hopem-sync {command} --accept-new-source")
        BoardAccepted { kind: Kind, count: u64, known: String, given: String }
            en("{kind} goes to board {given} from now on; {count} {w} on board {known} as they are, and nothing updates them any more", w = count.word("item stays", "items stay"))
            fr("{kind} va désormais au tableau {given}; {count} {w} tels quels sur le tableau {known}, et rien ne les met plus à jour", w = count.word("élément reste", "éléments restent"))
        KeyChanged { kind: Kind, known: Vec<String>, given: Vec<String> }
            en("`[entities.{kind}] key` is now {given}, and the store's keys are made of {known}")
            fr("`[entities.{kind}] key` est maintenant {given}, et les clés de la base sont faites de {known}")
        KeyDiffers { kind: Kind, given: Vec<String> }
            en("the store's keys of {kind} are not made of {given}, as `[entities.{kind}] key` says")
            fr("les clés des {kinds} dans la base ne sont pas faites de {given}, comme le dit `[entities.{kind}] key`", kinds = kind.many())
        UseRekey { command: String }
            en("nothing was touched; set it back, or let each entity have its new key, with its item: hopem-sync {command} --rekey")
            fr("rien n’a été touché; la remettre comme avant, ou donner à chaque entité sa nouvelle clé, avec son élément : hopem-sync {command} --rekey")
        RekeyTwice { kind: Kind, count: u64, first: String, second: String, key: String }
            en("with this `[entities.{kind}] key`, {count} {w} for several entities; {first} and {second} would both be {key}", w = count.word("key would stand", "keys would stand"))
            fr("avec cette `[entities.{kind}] key`, {count} {w} plusieurs entités; {first} et {second} seraient toutes deux {key}", w = count.word("clé désignerait", "clés désigneraient"))
        RekeyTwiceHint { kind: Kind }
            en("nothing was touched; choose properties for `[entities.{kind}] key` that together differ for each entity")
            fr("rien n’a été touché; choisir pour `[entities.{kind}] key` des propriétés qui, ensemble, diffèrent pour chaque entité")
        RekeyWithout { kind: Kind, count: u64, property: String, example: String }
            en("the stored records of {count} {w} of {kind} have no `{property}` to make a key of, such as {example}", w = count.word("entity", "entities"))
            fr("les enregistrements de {count} {w} des {kinds} n’ont pas de `{property}` dont faire une clé, par exemple {example}", w = count.word("entité", "entités"), kinds = kind.many())
        RekeyWithoutHint { kind: Kind, property: String }
            en("nothing was touched; set the former `key` back, add `{property}` to `[entities.{kind}] select`, run `hopem-sync pull {kind} --full`, then change `key` and use --rekey")
            fr("rien n’a été touché; remettre l’ancienne `key`, ajouter `{property}` à `[entities.{kind}] select`, lancer `hopem-sync pull {kind} --full`, puis changer `key` et utiliser --rekey")
        RekeyUnderWay { kind: Kind, count: u64 }
            en("monday's answers about {count} {w} of {kind} are still to be looked up by their former keys", w = count.word("change", "changes"))
            fr("les réponses de monday sur {count} {w} des {kinds} sont encore à retrouver par leurs anciennes clés", w = count.word("changement", "changements"), kinds = kind.many())
        RekeyUnderWayHint { kind: Kind }
            en("nothing was touched; set the former `key` back, run `hopem-sync push {kind}` until nothing waits, then change it and use --rekey")
            fr("rien n’a été touché; remettre l’ancienne `key`, lancer `hopem-sync push {kind}` jusqu’à ce que rien n’attende, puis la changer et utiliser --rekey")
        Rekeyed { kind: Kind, count: u64 }
            en("{count} {w} of {kind} {v} a new key; the key columns on monday follow at the next push", w = count.word("entity", "entities"), v = count.word("has", "have"))
            fr("{count} {w} des {kinds} {v} une nouvelle clé; les colonnes de clé dans monday suivent au prochain envoi", w = count.word("entité", "entités"), v = count.word("a", "ont"), kinds = kind.many())
    }
}
