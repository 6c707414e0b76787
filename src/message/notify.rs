//! What is sent when the state changes.

use super::why::Why;
use crate::entity::Kind;

super::declare::messages! {
    /// Texts of notices.
    NotifyText<M> {
        TurnedBad { who: String, what: String }
            en("{who}: someone should look: {what}")
            fr("{who} : à vérifier : {what}")
        TurnedGood { who: String }
            en("{who}: all is well again")
            fr("{who} : tout est rentré dans l’ordre")
        SeeErrorsAndRun { run: String }
            en("see: hopem-sync runs {run}; hopem-sync status --state error")
            fr("voir\u{a0}: hopem-sync runs {run}; hopem-sync status --state error")
        SeeErrors {}
            en("see: hopem-sync status --state error")
            fr("voir : hopem-sync status --state error")
        Trouble { whose: String, error: Why<M> }
            en("{whose}: {error}")
            fr("{whose} : {error}")
        TroubleLasting { whose: String, error: Why<M>, seconds: u64 }
            en("{whose}: {error} (for {span})", span = seconds.span())
            fr("{whose} : {error} (depuis {span})", span = seconds.span())
        NoKinds {}
            en("HApi gives none of the kinds")
            fr("HApi ne donne aucun des types")
        LastRun { command: String, word: String, outcome: Why<M> }
            en("the last run ({command}): {word}")
            fr("la dernière exécution ({command}) : {outcome}")
        NeverRead { kinds: Vec<String> }
            en("{kinds} never read")
            fr("jamais lu : {kinds}")
        ReadAhead { kinds: Vec<String> }
            en("{kinds} read in the future, by the clock of that time")
            fr("lu dans le futur, selon l’horloge d’alors : {kinds}")
        WaitsAhead { kinds: Vec<String> }
            en("a change of {kinds} waits since a time to come")
            fr("une modification attend depuis un moment à venir : {kinds}")
        ReadLate { kind: Kind, seconds: u64 }
            en("{kind} was read last {span} ago", span = seconds.span())
            fr("{kind} a été lu pour la dernière fois il y a {span}", span = seconds.span())
        WaitsLate { kind: Kind, seconds: u64 }
            en("{kind} has a change that waits since {span} ago", span = seconds.span())
            fr("{kind} a une modification qui attend depuis {span}", span = seconds.span())
        MoreReasons { count: String }
            en("{count} more")
            fr("{count} de plus")
        ReadAgo { kind: Kind, seconds: u64 }
            en("{kind} read {span} ago", span = seconds.span())
            fr("{kind} lu il y a {span}", span = seconds.span())
        InError { count: String }
            en("{count} in error")
            fr("{count} en erreur")
        InErrorAndStuck { count: String, stuck: String }
            en("{count} in error ({stuck} of them gone from Hopem, but not from the board)")
            fr("{count} en erreur (dont {stuck} disparues de Hopem, mais pas du tableau)")
        Pending { count: String }
            en("{count} pending")
            fr("{count} en attente")
        CannotTell { setting: String, why: Why<M> }
            en("the state changed, and `{setting}` could not be notified: {why}; the next run retries")
            fr("l’état a changé, et `{setting}` n’a pas pu être avisé : {why}; la prochaine exécution réessaie")
        CannotRemember { why: String }
            en("nobody was notified whether the state changed: {why}")
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
