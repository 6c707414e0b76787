//! What stands in the way of a server.

use super::why::Why;

super::declare::messages! {
    /// Texts about the way to a server, and what to do about it.
    NetworkText<M> {
        CannotReach { host: String, why: Why<M> }
            en("cannot reach {host}: {why}")
            fr("impossible de joindre {host} : {why}")
        CannotReachProxy { proxy: String, host: String, why: Why<M> }
            en("cannot reach {proxy}, the proxy on the way to {host}: {why}")
            fr("impossible de joindre {proxy}, le mandataire (proxy) vers {host} : {why}")
        CannotReachThrough { proxy: String, host: String, why: Why<M> }
            en("cannot reach {host} through the proxy {proxy}: {why}")
            fr("impossible de joindre {host} par le mandataire (proxy) {proxy} : {why}")
        NoSuchHost {}
            en("no such host")
            fr("ce nom d’hôte n’existe pas")
        ConnectionRefused {}
            en("connection refused")
            fr("connexion refusée")
        NoRoute {}
            en("no route to it")
            fr("aucune route n’y mène")
        NobodyAnswers {}
            en("nobody answers")
            fr("personne ne répond")
        UnknownIssuer {}
            en("its certificate is signed by nobody who is trusted here")
            fr("son certificat n’est signé par personne à qui l’on fait confiance ici")
        SignsForItself {}
            en("its certificate signs for itself, as only that of a certificate authority (CA) may")
            fr("son certificat se signe lui-même, ce que seul celui d’une autorité de certification (CA) peut faire")
        OtherName {}
            en("its certificate is for another name")
            fr("son certificat est pour un autre nom")
        OutOfDate {}
            en("its certificate is not valid at this time")
            fr("son certificat n’est pas valide en ce moment")
        BadCertificate {}
            en("its certificate is not valid")
            fr("son certificat n’est pas valide")
        NoTls {}
            en("no TLS connection comes about")
            fr("aucune connexion TLS ne s’établit")
        ProxyWantsLogin {}
            en("it asks for a login (407)")
            fr("il demande une authentification (407)")
        ProxyRefuses {}
            en("it makes no connection")
            fr("il n’établit pas la connexion")
        BrokenOff { host: String, why: Why<M> }
            en("the exchange with {host} broke off: {why}")
            fr("l’échange avec {host} s’est interrompu : {why}")
        TooSlow { host: String }
            en("{host} did not answer in time (timed out)")
            fr("{host} n’a pas répondu à temps (délai dépassé)")
        TooLarge { megabytes: u64 }
            en("the answer is larger than {megabytes} MB")
            fr("la réponse dépasse {megabytes} Mo")
        TimeUp {}
            en("the time allowed is over")
            fr("le temps accordé est écoulé")
        Signalled {}
            en("stopped by a signal")
            fr("arrêté par un signal")

        TrustIssuer {}
            en("install the package `ca-certificates`; behind a proxy that opens HTTPS, or with a private certificate authority (CA), install its certificate (`update-ca-certificates`), or set SSL_CERT_FILE to a file with all certificates to trust")
            fr("installer le paquet `ca-certificates`; derrière un mandataire (proxy) qui ouvre HTTPS, ou avec une autorité de certification privée (CA), installer son certificat (`update-ca-certificates`), ou désigner par SSL_CERT_FILE un fichier de tous les certificats de confiance")
        TrustItsAuthority {}
            en("give the server a certificate that a certificate authority (CA) has signed, and that is none itself (`CA:FALSE`); then install that of the authority here (`update-ca-certificates`), or name a file with all certificates to trust in SSL_CERT_FILE")
            fr("donner au serveur un certificat signé par une autorité de certification (CA) et qui n’en est pas une (`CA:FALSE`); puis installer ici celui de l’autorité (`update-ca-certificates`), ou désigner par SSL_CERT_FILE un fichier de tous les certificats de confiance")
        NoCertificateIn {}
            en("it holds no certificate")
            fr("il ne contient aucun certificat")
        MendCertFile { path: String, why: Why<M> }
            en("SSL_CERT_FILE names {path}, which is of no use ({why}): correct it, or unset it so that the certificates of the system count")
            fr("SSL_CERT_FILE désigne {path}, qui ne sert à rien ({why}) : le corriger, ou retirer la variable pour que les certificats du système comptent")
        UseItsName {}
            en("write the address with the name that the certificate is for")
            fr("écrire l’adresse avec le nom pour lequel le certificat est établi")
        CheckClock {}
            en("check this machine's clock with `date`; if it is right, the server's certificate has to be renewed")
            fr("vérifier l’horloge de cette machine avec `date`; si elle est juste, le certificat du serveur doit être renouvelé")
        CheckTls {}
            en("check the address and its port: what answers there speaks no HTTPS, or none that is safe")
            fr("vérifier l’adresse et son port : ce qui répond là ne parle pas HTTPS, ou aucune version sûre")
        CheckProxy {}
            en("correct HTTPS_PROXY, or name the host in NO_PROXY where no proxy is needed")
            fr("corriger HTTPS_PROXY, ou nommer l’hôte dans NO_PROXY s’il ne faut pas de mandataire")
        GiveProxyLogin {}
            en("write the proxy's user and password into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT")
            fr("écrire l’utilisateur et le mot de passe du mandataire dans HTTPS_PROXY : http://UTILISATEUR:MOTDEPASSE@HÔTE:PORT")
    }
}
