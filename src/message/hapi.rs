//! What is said of HApi.

use super::why::Why;
use crate::entity::Kind;

super::declare::messages! {
    /// Texts about HApi.
    HapiText<M> {
        LoginRefused { url: String, status: u64, answer: String }
            en("HApi refused the login ({status} to POST {url}): {answer}")
            fr("HApi refuse la connexion ({status} à POST {url}) : {answer}")
        LoginRefusedTwice { what: String }
            en("HApi refused a new token too (401 to {what})")
            fr("HApi refuse aussi un nouveau jeton (401 à {what})")
        NoTokenInAnswer { url: String, status: u64, answer: String }
            en("the answer to POST {url} holds no token ({status}): {answer}")
            fr("la réponse à POST {url} ne contient pas de jeton ({status}) : {answer}")
        NoLoginThere { url: String, status: u64, answer: String }
            en("there is no HApi login at {url} ({status} to POST): {answer}")
            fr("il n’y a pas de connexion HApi à {url} ({status} à POST) : {answer}")
        Redirected { what: String, status: u64, target: String }
            en("{what} was answered with a redirect ({status}) to {target}, which is not followed")
            fr("{what} a reçu une redirection ({status}) vers {target}, qui n’est pas suivie")
        CheckLogin {}
            en("check `[hapi] username`, the password, which may have expired, and the `x-api-key`, and whether the account is still active")
            fr("vérifier `[hapi] username`, le mot de passe, qui peut être expiré, la clé `x-api-key`, et si le compte est encore actif")
        CheckUrl {}
            en("check `[hapi] url`: it is the address of HApi itself, with https, the part before /api")
            fr("vérifier `[hapi] url` : c’est l’adresse de HApi même, avec https, la partie avant /api")
        TokenFileUnwritable { path: String }
            en("cannot write the token file {path}")
            fr("impossible d’écrire le fichier du jeton {path}")
        Unreachable { what: String, why: Why<M> }
            en("HApi gave no answer to {what}: {why}")
            fr("HApi n’a pas répondu à {what} : {why}")
        NoHandles { what: String, why: Why<M> }
            en("HApi was not asked for {what}: this machine gives no more open files ({why})")
            fr("HApi n’a pas été interrogé pour {what} : cette machine n’accorde plus de fichiers ouverts ({why})")
        ServerError { what: String, status: u64, answer: String }
            en("HApi answered {status} to {what}: {answer}")
            fr("HApi a répondu {status} à {what} : {answer}")
        BreaksOff { what: String }
            en("HApi's answer to {what} breaks off")
            fr("la réponse de HApi à {what} s’interrompt")
        NotAPage { what: String, why: Why<M> }
            en("HApi's answer to {what} is no page of records: {why}")
            fr("la réponse de HApi à {what} n’est pas une page d’enregistrements : {why}")
        IsEmpty {}
            en("the body is empty")
            fr("le corps est vide")
        IsWebPage {}
            en("it is a web page")
            fr("c’est une page web")
        EndsInError { error: Why<M> }
            en("it breaks off with an error: {error}")
            fr("elle s’interrompt sur une erreur : {error}")
        NotBefore { until: String }
            en("HApi asked not to be called before {until}")
            fr("HApi demande de ne pas être appelé avant {until}")
        WaitForHapi {}
            en("nothing is lost; the next run after that time goes on")
            fr("rien n’est perdu; la prochaine exécution après cette heure continuera")
        CheckNetwork {}
            en("check the network, `[hapi] url`, HTTPS_PROXY and NO_PROXY; nothing was read, and nothing was changed")
            fr("vérifier le réseau, `[hapi] url`, HTTPS_PROXY et NO_PROXY; rien n’a été lu, et rien n’a été changé")
        RetryLater {}
            en("what was read is kept; run it again, or look whether HApi is up")
            fr("ce qui a été lu est conservé; relancer, ou vérifier si HApi est en service")
        ModuleMissing { status: u64 }
            en("Hopem module not available ({status})")
            fr("module Hopem non disponible ({status})")
        SetMissing { kind: Kind, endpoint: String }
            en("HApi has no entity set `{endpoint}` (404)")
            fr("HApi n’a pas d’ensemble d’entités `{endpoint}` (404)")
        CheckEndpoint { kind: Kind }
            en("correct `[entities.{kind}] endpoint`")
            fr("corriger `[entities.{kind}] endpoint`")
        CheckOptions { kind: Kind }
            en("check `filter` and `select` in `[entities.{kind}]`")
            fr("vérifier `filter` et `select` dans `[entities.{kind}]`")
        SelectRefused { kind: Kind, answer: String }
            en("HApi refused the `$select` of {kind} and was read without it: {answer}")
            fr("HApi a refusé le `$select` des {kinds}; lecture faite sans lui : {answer}", kinds = kind.many())
        #[serde(alias = "SelectRefusedNaming")]
        PropertyUnknown { kind: Kind, property: String }
            en("HApi has no property `{property}` for {kind}; what depends on it is left alone")
            fr("HApi n’a pas de propriété `{property}` pour les {kinds}; ce qui en dépend n’est pas touché", kinds = kind.many())
        PropertyUnknownNear { kind: Kind, property: String, nearest: String }
            en("HApi has no property `{property}` for {kind}; did you mean `{nearest}`? What depends on it is left alone")
            fr("HApi n’a pas de propriété `{property}` pour les {kinds}; vouliez-vous dire `{nearest}`? Ce qui en dépend n’est pas touché", kinds = kind.many())
        PropertyUnsure { kind: Kind, property: String }
            en("it is not known whether HApi has the property `{property}` for {kind}, which `only` needs and stored records lack; nothing of it is pushed")
            fr("on ne sait pas si HApi a la propriété `{property}` pour les {kinds}, dont `only` a besoin et qui manque dans la base locale; rien n’en est envoyé", kinds = kind.many())
        ReadProperty { kind: Kind }
            en("hopem-sync pull {kind}; if that does not help, check `[entities.{kind}] only`")
            fr("hopem-sync pull {kind}; si cela ne suffit pas, vérifier `[entities.{kind}] only`")
        PropertyNotFoundOut { kind: Kind, property: String }
            en("no {kind} carries the property `{property}`, and HApi does not answer whether it has it")
            fr("rien parmi les {kinds} ne porte la propriété `{property}`, et HApi ne répond pas s’il l’a", kinds = kind.many())
        CheckProperty { kind: Kind }
            en("correct the name in `[entities.{kind}]`, or ask for it in Hopem's own list: the address in `[hapi] url` with /swagger behind it")
            fr("corriger le nom dans `[entities.{kind}]`, ou consulter la liste de Hopem : l’adresse de `[hapi] url` suivie de /swagger")
        AllRefused { status: u64 }
            en("HApi refuses every entity set ({status})")
            fr("HApi refuse tous les ensembles d’entités ({status})")
        WaitingForHapi {}
            en("HApi asks to wait, or fails; it is asked again after a pause")
            fr("HApi demande d’attendre, ou fait défaut; nouvelle demande après une pause")
        CheckRights {}
            en("check what the account may read, and `[hapi] url`; nothing was read, and nothing was changed")
            fr("vérifier ce que le compte peut lire, et `[hapi] url`; rien n’a été lu, et rien n’a été changé")
        SetRefused { kind: Kind, status: u64 }
            en("HApi refuses {kind} now ({status}), which was read before; what is known of it is kept")
            fr("HApi refuse maintenant les {kinds} ({status}), qu’il donnait auparavant; ce qui en est connu est conservé", kinds = kind.many())
        SetNotThere { kind: Kind, status: u64 }
            en("HApi refuses {kind} ({status}), and no other kind was asked for that could tell whether the module is missing")
            fr("HApi refuse {kind} ({status}), et aucun autre type n’a été demandé qui montrerait si le module manque")
        RecordUndeliverable { why: Why<M> }
            en("HApi cannot deliver this record: {why}; it was stepped over, and what was known of it is kept")
            fr("HApi ne peut pas livrer cet enregistrement : {why}; il a été sauté, et ce qui en était connu est conservé")
        RecordsNotTaken { kind: Kind, count: u64, example: Why<M> }
            en("records of {kind} that could not be taken in at the last read, so that what is known of them may be old: {count}; {example}")
            fr("enregistrements des {kinds} qui n’ont pu être repris à la dernière lecture, de sorte que ce qui en est connu peut être ancien : {count}; {example}", kinds = kind.many())
        RecordOf { entity: String, why: Why<M> }
            en("{entity}: {why}")
            fr("{entity} : {why}")
        MendOrAskVendor {}
            en("open and save the record in Hopem, or show this message to Hopem's support")
            fr("ouvrir et enregistrer la fiche dans Hopem, ou montrer ce message au soutien de Hopem")
        CannotAskFor {}
            en("no longer among HApi's records, and HApi takes no question about this key; it counts as gone after three whole reads without it")
            fr("absent des enregistrements de HApi, qui n’accepte pas de question sur cette clé; réputé disparu après trois lectures complètes sans lui")
        ForeignNextLink { kind: Kind }
            en("HApi pointed to another host for the next page of {kind}; not followed, read by key instead")
            fr("HApi désigne un autre hôte pour la page suivante des {kinds}; lien ignoré, lecture par clé", kinds = kind.many())
        PagesRepeat { kind: Kind }
            en("HApi's pages of {kind} repeat themselves, so that the end cannot be found")
            fr("les pages de HApi pour les {kinds} se répètent, la fin est indécidable", kinds = kind.many())
        NotAnObject { kind: Kind }
            en("a record of {kind} is no JSON object")
            fr("un enregistrement des {kinds} n’est pas un objet JSON", kinds = kind.many())
        NoKey { kind: Kind, property: String }
            en("a record of {kind} has no `{property}`")
            fr("un enregistrement des {kinds} n’a pas de `{property}`", kinds = kind.many())
        NotText { kind: Kind }
            en("a record of {kind} is not valid UTF-8")
            fr("un enregistrement des {kinds} n’est pas de l’UTF-8 valide", kinds = kind.many())
        KeyTwice {}
            en("two records have this key; the first one counts")
            fr("deux enregistrements ont cette clé; le premier compte")
        MendInHopem {}
            en("correct the record in Hopem; what was known of it is kept")
            fr("corriger l’enregistrement dans Hopem; ce qui en était connu est conservé")
        CheckKey { kind: Kind }
            en("correct the record in Hopem, or `[entities.{kind}] key`")
            fr("corriger l’enregistrement dans Hopem, ou `[entities.{kind}] key`")
        SubscriptionsUnknown { status: u64 }
            en("HApi does not report which entities it notifies ({status}), so everything was read; see `[hapi] subscriptions_endpoint`")
            fr("HApi ne dit pas quelles entités il notifie ({status}), donc tout a été lu; voir `[hapi] subscriptions_endpoint`")
        SubscriptionsUnasked {}
            en("HApi did not say which entities it notifies when it was last asked, so everything was read; see `[hapi] subscriptions_endpoint`")
            fr("la dernière fois, HApi n’a pas dit quelles entités il notifie, donc tout a été lu; voir `[hapi] subscriptions_endpoint`")
        NotNotified { kinds: String }
            en("HApi no longer notifies these, so they were read whole: {kinds}; see `hopem-sync subscribe`")
            fr("HApi ne notifie plus ceci, donc lu en entier : {kinds}; voir `hopem-sync subscribe`")
    }
}
