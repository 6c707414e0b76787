//! What is said of webhooks: subscriptions, and the events that came.

use crate::entity::Kind;

super::declare::messages! {
    /// Texts about webhooks.
    WebhookText {
        Subscribed {}
            en("subscribed")
            fr("abonné")
        NotSubscribed {}
            en("not subscribed")
            fr("non abonné")
        NotWanted {}
            en("subscribed, not used here")
            fr("abonné, inutile ici")
        AddHint { kinds: String }
            en("to subscribe: hopem-sync subscribe add {kinds} --url URL")
            fr("pour s’abonner : hopem-sync subscribe add {kinds} --url URL")
        UrlInvalid { url: String }
            en("`--url {url}`: an address such as https://sync.example.com/hapi is needed")
            fr("`--url {url}` : il faut une adresse telle que https://sync.example.com/hapi")
        UrlUnsafe {}
            en("the address begins with http: whoever is on the way can read the secret; use https")
            fr("l’adresse commence par http : qui est sur le chemin peut lire le secret; utiliser https")
        HeaderInvalid { header: String }
            en("`--header` wants `Name:Value`, and HApi's list of headers has no room for `;`, a second `:`, or anything but plain characters: `{header}`")
            fr("`--header` attend `Nom:Valeur`, et la liste d’en-têtes de HApi n’admet ni `;`, ni second `:`, ni caractère spécial : `{header}`")
        SecretMissing { header: String }
            en("nothing would prove that an event comes from HApi: there is no secret to send as `{header}`")
            fr("rien ne prouverait qu’un événement vient de HApi : il n’y a pas de secret à envoyer dans `{header}`")
        SecretMissingHelp {}
            en("set `[listen] secret_file` (a long random word, such as from `openssl rand -hex 32`), or give `--header 'Name:Value'`")
            fr("définir `[listen] secret_file` (un long mot aléatoire, p. ex. de `openssl rand -hex 32`), ou donner `--header 'Nom:Valeur'`")
        RoutesUnknown { status: u64 }
            en("HApi does not answer where its webhook subscriptions were looked for ({status})")
            fr("HApi ne répond pas là où ses abonnements webhook ont été cherchés ({status})")
        RoutesUnknownHelp {}
            en("ask the vendor, and set `[hapi] subscriptions_endpoint`, `subscribe_endpoint` and `unsubscribe_endpoint`")
            fr("demander au fournisseur, et définir `[hapi] subscriptions_endpoint`, `subscribe_endpoint` et `unsubscribe_endpoint`")
        Refused { name: String, status: u64, answer: String }
            en("HApi refused `{name}` ({status}): {answer}")
            fr("HApi refuse `{name}` ({status}) : {answer}")
        CheckEvent { kind: Kind }
            en("if webhooks name this entity otherwise: `[entities.{kind}] event`; without them it is read whole, as before")
            fr("si les webhooks nomment cette entité autrement : `[entities.{kind}] event`; sans eux elle est lue en entier, comme avant")
        StillListed { name: String }
            en("HApi was asked to end the subscription of `{name}`, but still lists it")
            fr("HApi devait mettre fin à l’abonnement de `{name}`, mais l’affiche encore")
        NotListed { name: String }
            en("HApi took the subscription of `{name}`, but does not list it")
            fr("HApi a accepté l’abonnement de `{name}`, mais ne le montre pas")
        Line { parts: String }
            en("webhooks: {parts}")
            fr("webhooks : {parts}")
        Waiting { count: u64 }
            en("{count} waiting")
            fr("{count} en file")
        LastReceived { ago: String }
            en("last received {ago} ago")
            fr("dernier reçu il y a {ago}")
        LastReceivedAt { at: String }
            en("last received at {at}, ahead of this clock")
            fr("dernier reçu à {at}, en avance sur l’horloge")
        NoneReceived {}
            en("none received yet")
            fr("aucun reçu encore")
        ReceiverDown {}
            en("receiver stopped")
            fr("récepteur arrêté")
        Unreadable { count: u64, body: String }
            en("{count} unreadable {w}, after which a sync reads everything; last: {body}", w = count.word("event", "events"))
            fr("{count} {w}, après quoi une synchronisation relit tout; dernier : {body}", w = count.word("événement illisible", "événements illisibles"))
        TurnedAway { count: u64, at: String }
            en("{count} {w} without the right secret turned away, last at {at}", w = count.word("delivery", "deliveries"))
            fr("{count} {w} faute du bon secret, dernier à {at}", w = count.word("envoi refusé", "envois refusés"))
        ReportedUpdate {}
            en("HApi reported a change")
            fr("HApi a signalé un changement")
        ReportedDelete {}
            en("HApi reported a deletion")
            fr("HApi a signalé une suppression")
        ReportedInsert {}
            en("HApi reported a new entity")
            fr("HApi a signalé une création")
        ReportedSomething {}
            en("HApi reported something")
            fr("HApi a signalé quelque chose")
        NotProcessed {}
            en("not processed yet")
            fr("pas encore traité")
        Processed {}
            en("processed")
            fr("traité")
        ProcessedBy { run: String }
            en("processed by run {run}")
            fr("traité par l’exécution {run}")
        SumEvents { count: u64 }
            en("{count} {w}", w = count.word("event", "events"))
            fr("{count} {w}", w = count.word("événement", "événements"))
        Followed { run: String, done: String }
            en("run {run}: {done}")
            fr("exécution {run} : {done}")
        CallsToMonday { count: u64 }
            en("{count} {w} to monday", w = count.word("call", "calls"))
            fr("{count} {w} à monday", w = count.word("appel", "appels"))
    }
}
