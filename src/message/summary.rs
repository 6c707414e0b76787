//! What is written of runs: the lines at their end, plans, the list of past runs, the one line of `--quiet`.

use crate::entity::Kind;

super::declare::messages! {
    /// Texts about runs.
    SummaryText {
        OutcomeOk {}
            en("ok")
            fr("réussie")
        OutcomePartial {}
            en("partly done")
            fr("partielle")
        OutcomeGuarded {}
            en("guarded")
            fr("retenue")
        OutcomeFailed {}
            en("failed")
            fr("échouée")
        OutcomeRefused {}
            en("refused")
            fr("refusée")
        OutcomeBudget {}
            en("budget used up")
            fr("budget épuisé")
        OutcomeInterrupted {}
            en("interrupted")
            fr("interrompue")
        SumRunning { since: String }
            en("Under way since {since}")
            fr("En cours depuis {since}")
        OutcomeRunning {}
            en("under way")
            fr("en cours")
        SumNothingResynced {}
            en("Nothing to resync")
            fr("Rien à resynchroniser")
        SumSynced { span: String }
            en("Synced in {span}")
            fr("Synchronisé en {span}")
        SumPulled { span: String }
            en("Pulled in {span}")
            fr("Lu en {span}")
        SumPushed { span: String }
            en("Pushed in {span}")
            fr("Transmis en {span}")
        SumPartly { span: String }
            en("Partly done in {span}")
            fr("Fait en partie en {span}")
        SumStopped { span: String }
            en("Stopped after {span}")
            fr("Arrêté après {span}")
        SumCallsLabel {}
            en("calls")
            fr("appels")
        SumRead { count: u64 }
            en("{count} read")
            fr("{count} {w}", w = count.word("lu", "lus"))
        SumNew { count: u64 }
            en("{count} new")
            fr("{count} {w}", w = count.word("nouveau", "nouveaux"))
        SumChanged { count: u64 }
            en("{count} changed")
            fr("{count} {w}", w = count.word("modifié", "modifiés"))
        SumGone { count: u64 }
            en("{count} gone")
            fr("{count} {w}", w = count.word("disparu", "disparus"))
        SumCreated { count: u64 }
            en("{count} created")
            fr("{count} {w}", w = count.word("créé", "créés"))
        SumAdopted { count: u64 }
            en("{count} adopted")
            fr("{count} {w}", w = count.word("adopté", "adoptés"))
        SumUpdated { count: u64 }
            en("{count} updated")
            fr("{count} mis à jour")
        SumArchived { count: u64 }
            en("{count} archived")
            fr("{count} {w}", w = count.word("archivé", "archivés"))
        SumUnchanged { count: u64 }
            en("{count} unchanged")
            fr("{count} {w}", w = count.word("inchangé", "inchangés"))
        SumPaused { count: u64 }
            en("{count} paused")
            fr("{count} en pause")
        SumUnlinked { count: u64 }
            en("{count} unlinked")
            fr("{count} {w}", w = count.word("dissocié", "dissociés"))
        SumDeferred { count: u64 }
            en("{count} left to the next run")
            fr("{count} {w} à la prochaine exécution", w = count.word("remis", "remis"))
        SumFailed { count: u64 }
            en("{count} failed")
            fr("{count} en échec")
        SumHapiCalls { count: u64 }
            en("{count} to HApi")
            fr("{count} à HApi")
        SumMondayCalls { count: u64 }
            en("{count} to monday")
            fr("{count} à monday")
        SumMondayCallsLeft { count: u64, left: u64 }
            en("{count} to monday ({left} left today)")
            fr("{count} à monday (encore {left} aujourd’hui)")
        SumMissing { kinds: Vec<String> }
            en("module missing: {kinds}")
            fr("module absent : {kinds}")
        SumAndOthers { entity: String, more: u64 }
            en("{entity} and {more} {w}", w = more.word("other", "others"))
            fr("{entity} et {more} {w}", w = more.word("autre", "autres"))
        SumMoreFailures { more: u64 }
            en("… and {more} more: hopem-sync status --state error")
            fr("… et {more} de plus : hopem-sync status --state error")
        SumSeeErrors { failed: u64 }
            en("{failed} {w} failed: hopem-sync status --state error", w = failed.word("entity", "entities"))
            fr("{failed} {w} en échec : hopem-sync status --state error", w = failed.word("entité", "entités"))
        QuietFailed { failed: u64, changes: u64, code: u64, see: String }
            en("hopem-sync: {failed} of {changes} {w} failed (exit {code}); see: {see}", w = changes.word("change", "changes"))
            fr("hopem-sync : {failed} {w} sur {changes} en échec (code {code}); voir : {see}", w = failed.word("changement", "changements"))
        QuietTrouble { error: String, code: u64, see: String }
            en("hopem-sync: {error} (exit {code}); see: {see}")
            fr("hopem-sync : {error} (code {code}); voir : {see}")
        QuietTroubles { error: String, more: u64, code: u64, see: String }
            en("hopem-sync: {error}, and {more} more (exit {code}); see: {see}")
            fr("hopem-sync : {error}, et {more} de plus (code {code}); voir : {see}")
        QuietError { error: String, code: u64 }
            en("hopem-sync: {error} (exit {code})")
            fr("hopem-sync : {error} (code {code})")
        QuietErrorAndHint { error: String, hint: String, code: u64 }
            en("hopem-sync: {error} (exit {code}); {hint}")
            fr("hopem-sync : {error} (code {code}); {hint}")
        QuietUnfinished {}
            en("not all could be done; what was done is recorded")
            fr("tout n’a pas pu être fait; ce qui a été fait est enregistré")
        PlanBoard { kind: Kind, board: String }
            en("{kind} → board {board}")
            fr("{kind} → tableau {board}")
        PlanCreateWord {}
            en("create")
            fr("créer")
        PlanAdoptWord {}
            en("adopt")
            fr("adopter")
        PlanUpdateWord {}
            en("update")
            fr("modifier")
        PlanArchiveWord {}
            en("archive")
            fr("archiver")
        PlanUnlinkWord {}
            en("unlink")
            fr("dissocier")
        PlanGone {}
            en("no longer in Hopem")
            fr("n’est plus dans Hopem")
        PlanLeftOut {}
            en("left out by `only`, or unlinked")
            fr("écarté par `only`, ou dissocié")
        PlanSum { create: u64, update: u64, archive: u64, unchanged: u64 }
            en("Plan: {create} to create, {update} to update, {archive} to archive, {unchanged} unchanged")
            fr("Plan : {create} à créer, {update} à modifier, {archive} à archiver, {unchanged} {w}", w = unchanged.word("inchangé", "inchangés"))
        BarCalls { spent: u64 }
            en("{spent} {w}", w = spent.word("call", "calls"))
            fr("{spent} {w}", w = spent.word("appel", "appels"))
        BarCallsLeft { spent: u64, left: u64 }
            en("{spent} {w}, {left} left today", w = spent.word("call", "calls"))
            fr("{spent} {w}, encore {left} auj.", w = spent.word("appel", "appels"))
        PlanBroken {}
            en("The plan is not whole: what stood in its way is below. Nothing was written.")
            fr("Le plan n’est pas complet : ce qui l’en a empêché figure plus bas. Rien n’a été écrit.")
        PlanAdopt { count: u64 }
            en("{count} to adopt")
            fr("{count} à adopter")
        PlanMore { count: u64, action: String }
            en("… and {count} more ({action}); all with -v")
            fr("… et {count} de plus ({action}); tous avec -v")
        PlanImport { count: u64 }
            en("{count} of them by import")
            fr("{count} par import en lot")
        PlanPrice { calls: u64 }
            en("{calls} monday {w}. Nothing was written.", w = calls.word("call", "calls"))
            fr("{calls} {w} à monday. Rien n’a été écrit.", w = calls.word("appel", "appels"))
        PlanPriceLeft { calls: u64, left: u64 }
            en("{calls} monday {w} ({left} left today). Nothing was written.", w = calls.word("call", "calls"))
            fr("{calls} {w} à monday (encore {left} aujourd’hui). Rien n’a été écrit.", w = calls.word("appel", "appels"))
        RunsRun {}
            en("Run")
            fr("No")
        RunsCommand {}
            en("Command")
            fr("Commande")
        RunsStarted {}
            en("Started")
            fr("Début")
        RunsTook {}
            en("Took")
            fr("Durée")
        RunsOutcome {}
            en("Outcome")
            fr("Résultat")
        RunsDone {}
            en("Done")
            fr("Fait")
        RunHead { run: String, command: String, at: String, outcome: String }
            en("run {run} · {command} · {at} · {outcome}")
            fr("exécution {run} · {command} · {at} · {outcome}")
    }
}
