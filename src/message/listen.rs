//! What is said of receiving webhooks.

super::declare::messages! {
    /// Texts about receiving webhooks.
    ListenText {
        Listening { address: String }
            en("listening on http://{address}, POST on any path")
            fr("à l’écoute sur http://{address}, POST sur tout chemin")
        NotLoopback { address: String }
            en("{address} is reachable from elsewhere without encryption; a proxy with TLS should stand before it")
            fr("{address} est accessible d’ailleurs sans chiffrement; un mandataire TLS devrait se trouver devant")
        CannotBind { address: String }
            en("cannot listen on {address}")
            fr("impossible d’écouter sur {address}")
        CannotBindHelp {}
            en("another program may use the port; choose another one with `--address` or `[listen] address`, port 0 takes a free one")
            fr("un autre programme utilise peut-être le port; en choisir un autre par `--address` ou `[listen] address`, le port 0 en prend un libre")
        AlreadyListening { pid: String }
            en("another receiver works for this store (pid {pid})")
            fr("un autre récepteur travaille pour cette base (pid {pid})")
        SomeoneListening {}
            en("another receiver works for this store")
            fr("un autre récepteur travaille pour cette base")
        AlreadyListeningHelp {}
            en("stop it first, or give this one a store of its own with `--profile` or `--store`")
            fr("l’arrêter d’abord, ou donner à celui-ci sa propre base par `--profile` ou `--store`")
        BadAddress { address: String }
            en("`{address}` is no address and port such as 127.0.0.1:8787")
            fr("`{address}` n’est pas une adresse et un port comme 127.0.0.1:8787")
        CannotStore { why: String }
            en("webhooks cannot be stored and are answered 503: {why}")
            fr("les webhooks ne peuvent pas être enregistrés et reçoivent 503 : {why}")
        TurnedAway { turned_away: u64 }
            en("webhooks turned away (too large, too slow, broken off, too many at once): {turned_away}; the next sync reads everything")
            fr("webhooks refusés (trop gros, trop lents, interrompus, trop nombreux à la fois) : {turned_away}; la prochaine synchronisation relira tout")
        Recovered { turned_away: u64 }
            en("webhooks are stored again; {turned_away} {w} turned away, so the next sync reads everything", w = turned_away.word("was", "were"))
            fr("les webhooks sont de nouveau enregistrés; {turned_away} {w}, la prochaine synchronisation relira donc tout", w = turned_away.word("a été refusé", "ont été refusés"))
        RecoveredWhole {}
            en("webhooks are stored again")
            fr("les webhooks sont de nouveau enregistrés")
        Stopped { received: u64, unreadable: u64, refused: u64, turned_away: u64 }
            en("stopped; events received: {received}, of which unreadable: {unreadable}; requests without the secret: {refused}; turned away: {turned_away}")
            fr("arrêté; évènements reçus : {received}, dont illisibles : {unreadable}; requêtes sans le secret : {refused}; refusés faute de place : {turned_away}")
        Taken { received: u64, unreadable: u64 }
            en("events stored: {received}, of which unreadable: {unreadable}")
            fr("évènements enregistrés : {received}, dont illisibles : {unreadable}")
        CannotTake { received: u64 }
            en("stopped reading payloads; events stored before: {received}")
            fr("lecture des contenus arrêtée; évènements enregistrés auparavant : {received}")
        CannotTakeHelp {}
            en("the payloads that followed are not stored: hand them over again")
            fr("les contenus suivants ne sont pas enregistrés : les transmettre de nouveau")
    }
}
