//! Texts of the commands that only read: `explain`, `export`, `man`.

use crate::entity::Kind;

super::declare::messages! {
    /// Texts of the commands that only read.
    InspectText {
        PagesUnwritable { path: String }
            en("cannot write the pages of the manual into {path}")
            fr("impossible d’écrire les pages du manuel dans {path}")
        ReadAt { at: String, entity: String }
            en("Read from Hopem {at}; as it is there now: hopem-sync show-json {entity} --live; as the board is now: hopem-sync status --drift {entity}")
            fr("Lu dans Hopem le {at}; tel qu’il y est maintenant\u{a0}: hopem-sync show-json {entity} --live; le tableau tel qu’il est maintenant\u{a0}: hopem-sync status --drift {entity}")
        WhySame {}
            en("monday was sent this value already")
            fr("monday a déjà reçu cette valeur")
        WhyChanged {}
            en("differs from what was sent last; the next push sends it")
            fr("diffère du dernier envoi; le prochain envoi le transmettra")
        WhyFirst {}
            en("was never sent; the next push sends it")
            fr("n’a jamais été envoyé; le prochain envoi le transmettra")
        WhyAgain {}
            en("a resync was asked for; the next push sends it again")
            fr("une resynchronisation est demandée; le prochain envoi le transmettra de nouveau")
        WhyEdited { seen: String }
            en("the board was observed to show `{seen}`; the next push sends it again")
            fr("le tableau affichait `{seen}`; le prochain envoi le transmettra de nouveau")
        WhyKept { seen: String }
            en("the board was observed to show `{seen}`, which `on_edit` keeps")
            fr("le tableau affichait `{seen}`, que `on_edit` conserve")
        WhyNew {}
            en("there is no item yet; the next push creates it, or takes over the one that has this key")
            fr("il n’y a pas encore d’élément; le prochain envoi le crée, ou reprend celui qui porte cette clé")
        WhyNewBlank {}
            en("blank, so a new item needs nothing")
            fr("vide : rien à envoyer avec un nouvel élément")
        WhyUnmarked {}
            en("differs from what was sent last, but nothing has marked the entity as due")
            fr("diffère du dernier envoi, mais rien n’a signalé l’entité comme à transmettre")
        WhyNotReceived { properties: Vec<String> }
            en("{properties}: not received, which is not the same as blank; the column is left alone and the next pull asks for it")
            fr("{properties} : non reçu, ce qui n’est pas vide; la colonne reste telle quelle et la prochaine lecture le demande")
        WhyNotBefore { at: String }
            en("it is not retried before {at}")
            fr("pas de nouvel essai avant {at}")
        WhyCleared {}
            en("its column is cleared, so that no former value stands there")
            fr("sa colonne est vidée, pour qu’aucune ancienne valeur n’y reste")
        WhyParked {}
            en("it is not retried until it changes or is resynced")
            fr("plus d’essai avant un changement ou une resynchronisation")
        WhyParentMissing { kind: Kind }
            en("no {kind} that the record names is in the store; the column stays empty until it comes")
            fr("{kind} : le parent désigné n’est pas dans la base locale; la colonne reste vide jusqu’à son arrivée")
        WhyParentAmbiguous { kind: Kind }
            en("several {kind} entities fit, so none is taken; the column stays empty")
            fr("{kind} : plusieurs parents conviennent, aucun n’est retenu; la colonne reste vide")
        WhyWaiting { parent: String }
            en("{parent} has no item yet; the connection is made once it has one")
            fr("{parent} n’a pas encore d’élément; le lien se fera dès qu’il en aura un")
        WhyParentOff { parent: String, kind: Kind }
            en("{parent} has no item, and `{kind}` is not pushed; the connection stays empty")
            fr("{parent} n’a pas d’élément, et `{kind}` n’est pas transmis; le lien reste vide")
        WhyPaused { since: String }
            en("paused since {since}")
            fr("en pause depuis {since}")
        WhyPausedUntil { since: String, until: String }
            en("paused since {since}, until {until}")
            fr("en pause depuis {since}, jusqu’au {until}")
        UseResume { entity: String }
            en("hopem-sync resume {entity}")
            fr("hopem-sync resume {entity}")
        UseResync { entity: String }
            en("hopem-sync resync {entity}")
            fr("hopem-sync resync {entity}")
        WhyUnavailable { kind: Kind }
            en("HApi does not give `{kind}`, so nothing of it is pushed")
            fr("HApi ne donne pas `{kind}`, rien n’en est transmis")
        WhyUnderWay {}
            en("a call about it is under way, or its answer was lost; the next push asks what became of it")
            fr("un appel est en cours, ou sa réponse s’est perdue; le prochain envoi demandera ce qu’il en est")
        WhyDeleted {}
            en("gone from Hopem, so nothing of it is sent; `[sync] on_delete` decides about its item")
            fr("disparu de Hopem, rien n’en est transmis; `[sync] on_delete` décide du sort de son élément")
        WhyDisabled { kind: Kind }
            en("`[entities.{kind}] enabled` is false")
            fr("`[entities.{kind}] enabled` est à false")
        WhyNotPushed { kind: Kind }
            en("`[entities.{kind}] push` is false")
            fr("`[entities.{kind}] push` est à false")
        WhyNoBoard { kind: Kind }
            en("`[entities.{kind}]` has no `board`")
            fr("`[entities.{kind}]` n’a pas de `board`")
        WhyOutsideOnly { kind: Kind }
            en("left out by `[entities.{kind}] only`")
            fr("écarté par `[entities.{kind}] only`")
        ColumnsUnread {}
            en("the board was not read yet: values are not checked against its columns and labels")
            fr("le tableau n’a pas encore été lu : les valeurs ne sont pas comparées à ses colonnes et étiquettes")
        ExplainOneEntity {}
            en("explain takes one entity, such as `unit:1472`")
            fr("explain prend une seule entité, comme `unit:1472`")
        UnknownColumn { kind: Kind, column: String }
            en("`{kind}` has no column `{column}`")
            fr("`{kind}` n’a pas de colonne `{column}`")
        UnknownColumnNear { kind: Kind, column: String, near: String }
            en("`{kind}` has no column `{column}`; did you mean `{near}`?")
            fr("`{kind}` n’a pas de colonne `{column}`; vouliez-vous dire `{near}`?")
        ExportTakesKind {}
            en("export takes a kind, such as `unit`")
            fr("export prend un type, comme `unit`")
        UseShowJson { entity: String }
            en("of one entity: hopem-sync show-json {entity}")
            fr("pour une seule entité : hopem-sync show-json {entity}")
        MetricsAlone {}
            en("`--metrics -` prints the figures: nothing else can be printed beside them")
            fr("`--metrics -` imprime les chiffres : rien d’autre ne peut être imprimé à côté")
        ExportJsonOnly { format: String }
            en("--json and --format {format} exclude each other")
            fr("--json et --format {format} s’excluent")
        NothingStored { kind: Kind }
            en("the store has nothing of `{kind}`; hopem-sync pull {kind} reads it")
            fr("la base locale n’a rien de `{kind}`; hopem-sync pull {kind} le lit")
        NoProperty { kind: Kind, property: String }
            en("no record of `{kind}` has a property `{property}`")
            fr("aucun enregistrement de `{kind}` n’a de propriété `{property}`")
        NoPropertyNear { kind: Kind, property: String, near: String }
            en("no record of `{kind}` has a property `{property}`; did you mean `{near}`?")
            fr("aucun enregistrement de `{kind}` n’a de propriété `{property}`; vouliez-vous dire `{near}`?")
        PropertiesAre { properties: Vec<String> }
            en("the properties are {properties}")
            fr("les propriétés sont {properties}")
        WordSame {}
            en("same")
            fr("identique")
        WordChanged {}
            en("changed")
            fr("modifié")
        WordNew {}
            en("new")
            fr("nouveau")
        WordAgain {}
            en("again")
            fr("à renvoyer")
        WordEdited {}
            en("edited on the board")
            fr("modifié au tableau")
        WordKept {}
            en("kept")
            fr("conservé")
        WordRefused {}
            en("refused")
            fr("refusé")
        WordNotReceived {}
            en("not received")
            fr("non reçu")
        WordHeld {}
            en("held")
            fr("retenu")
        WordParentMissing {}
            en("parent missing")
            fr("parent absent")
        WordParentAmbiguous {}
            en("parent ambiguous")
            fr("parent ambigu")
        WordWaiting {}
            en("waiting for the parent")
            fr("attend le parent")
        WordUnavailable {}
            en("not available")
            fr("non disponible")
        WordUnderWay {}
            en("under way")
            fr("en cours")
        HeadColumn {}
            en("Column")
            fr("Colonne")
        HeadType {}
            en("Type")
            fr("Type")
        HeadStatus {}
            en("Status")
            fr("État")
        HeadSource {}
            en("Source")
            fr("Source")
        HeadRaw {}
            en("Raw")
            fr("Brut")
        HeadTrimmed {}
            en("Trimmed")
            fr("Épuré")
        HeadMapped {}
            en("Mapped")
            fr("Converti")
        HeadWanted {}
            en("Wanted")
            fr("Voulu")
        HeadSent {}
            en("Last sent")
            fr("Dernier envoi")
        HeadWhy {}
            en("Why")
            fr("Pourquoi")
        TwoParts { one: String, other: String }
            en("{one}; {other}")
            fr("{one}; {other}")
        LabelSent {}
            en("last sent")
            fr("dernier envoi")
        NotReceivedValue {}
            en("(not received)")
            fr("(non reçu)")
        OfParent { source: String, kind: Kind }
            en("{source} of the {kind}")
            fr("{source} du parent ({kinds})", kinds = kind.many())
        ItemOfParent { kind: Kind }
            en("item of the {kind}")
            fr("élément du parent ({kinds})", kinds = kind.many())
    }
}
