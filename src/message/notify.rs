//! What is told when the state changes.

use super::Why;

super::messages! {
    /// Texts of notices.
    NotifyText {
        TurnedBad { who: String, what: String }
            en("{who}: someone should look: {what}")
            fr("{who} : à vérifier : {what}")
        TurnedGood { who: String }
            en("{who}: all is well again")
            fr("{who} : tout est rentré dans l’ordre")
        SeeErrors {}
            en("see: hopem-sync status --state error")
            fr("voir : hopem-sync status --state error")
        CannotTell { setting: String, why: Why }
            en("the state changed, and `{setting}` could not be told: {why}; the next run retries")
            fr("l’état a changé, et `{setting}` n’a pas pu être avisé : {why}; la prochaine exécution réessaie")
        CannotRemember { why: String }
            en("nobody was told whether the state changed: {why}")
            fr("personne n’a été avisé d’un changement d’état : {why}")
        AddressUnfit {}
            en("not an address that begins with `https://`")
            fr("pas une adresse qui commence par `https://`")
        TookTooLong {}
            en("it took too long")
            fr("délai dépassé")
        EndedWith { code: String }
            en("it failed (exit code {code})")
            fr("échec (code {code})")
    }
}
