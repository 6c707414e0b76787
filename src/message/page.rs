//! What stands on the pages that are written for a browser.

super::declare::messages! {
    /// Texts of pages.
    PageText {
        RunTitle { run: String, command: String }
            en("Run {run} ({command})")
            fr("Exécution {run} ({command})")
        StatusTitle {}
            en("State of the synchronisation")
            fr("État de la synchronisation")
        WrittenAt { at: String }
            en("written {at} by hopem-sync")
            fr("écrit le {at} par hopem-sync")
        Outcome {}
            en("Outcome")
            fr("Résultat")
        Counts {}
            en("Counts")
            fr("Nombres")
        Failures { count: u64 }
            en("{count} {w}", w = count.word("failure", "failures"))
            fr("{count} {w}", w = count.word("échec", "échecs"))
        Remedy { hint: String }
            en("What to do: {hint}")
            fr("Quoi faire\u{a0}: {hint}")
        AndMore { more: u64 }
            en("and {more} more")
            fr("et {more} de plus")
        Changes { count: u64 }
            en("{count} {w}", w = count.word("change", "changes"))
            fr("{count} {w}", w = count.word("changement", "changements"))
        MoreChanges { more: u64, run: String }
            en("{more} more are not on this page: hopem-sync runs {run} --changes")
            fr("{more} de plus ne sont pas sur cette page\u{a0}: hopem-sync runs {run} --changes")
        NoChanges {}
            en("nothing was changed")
            fr("rien n’a été changé")
        NoFailures {}
            en("nothing failed")
            fr("rien n’a échoué")
        HeadEntity {}
            en("Entity")
            fr("Entité")
        HeadAction {}
            en("Action")
            fr("Action")
        HeadColumn {}
            en("Column")
            fr("Colonne")
        HeadOld {}
            en("Before")
            fr("Avant")
        HeadNew {}
            en("After")
            fr("Après")
        HeadError {}
            en("Error")
            fr("Erreur")
        HeadRemedy {}
            en("What to do")
            fr("Quoi faire")
        Hidden {}
            en("Values that may name persons stand as ••• (--names shows them)")
            fr("Les valeurs qui peuvent nommer des personnes figurent comme ••• (--names les montre)")
        Kinds {}
            en("Kinds")
            fr("Types")
        Troubles {}
            en("Troubles")
            fr("Problèmes")
        NoTroubles {}
            en("no kind and no entity is in error")
            fr("aucun type et aucune entité n’est en erreur")
        Month {}
            en("The last 30 days (UTC), as far as runs are kept")
            fr("Les 30 derniers jours (UTC), pour les exécutions conservées")
        DayRuns {}
            en("Runs")
            fr("Exécutions")
        DayChanges {}
            en("Changes")
            fr("Changements")
        DayCalls {}
            en("Calls to monday.com")
            fr("Appels à monday.com")
        Day { day: String, count: u64 }
            en("{day}: {count}")
            fr("{day}\u{a0}: {count}")
        Most { count: u64 }
            en("at most {count} a day")
            fr("au plus {count} par jour")
        HtmlUnwritable { path: String }
            en("cannot write the page {path}")
            fr("impossible d’écrire la page {path}")
        HtmlWithoutRun {}
            en("`--html` is about one run")
            fr("`--html` porte sur une exécution")
        NameTheRun {}
            en("name it: hopem-sync runs 17 --html run.html; status --html writes the state of everything")
            fr("la nommer\u{a0}: hopem-sync runs 17 --html run.html; status --html écrit l’état de tout")
    }
}
