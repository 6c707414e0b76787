//! What is wrong with a command line.

super::declare::messages! {
    /// Texts about command lines. In English they are the parser's own.
    UsageText {
        NoCommand {}
            en("no command given")
            fr("aucune commande donnée")
        UnknownCommand { word: String }
            en("unrecognized subcommand '{word}'")
            fr("commande inconnue `{word}`")
        UnknownFlag { word: String }
            en("unexpected argument '{word}' found")
            fr("argument inattendu `{word}`")
        BadValue { value: String, argument: String }
            en("invalid value '{value}' for '{argument}'")
            fr("valeur `{value}` inacceptable pour `{argument}`")
        Because { what: String, why: String }
            en("{what}: {why}")
            fr("{what} : {why}")
        PossibleValues { values: Vec<String> }
            en("possible values: {values}")
            fr("valeurs possibles : {values}")
        ValueMissing { argument: String }
            en("a value is required for '{argument}' but none was supplied")
            fr("`{argument}` demande une valeur")
        ValueUnexpected { argument: String, value: String }
            en("unexpected value '{value}' for '{argument}' found; no more were expected")
            fr("`{argument}` n’attend pas de valeur (ici `{value}`)")
        ArgumentsMissing { arguments: Vec<String> }
            en("the following required arguments were not provided: {arguments}")
            fr("il manque {arguments}")
        GivenTwice { argument: String }
            en("the argument '{argument}' cannot be used multiple times")
            fr("`{argument}` ne peut être donné qu’une fois")
        Conflict { argument: String, others: Vec<String> }
            en("the argument '{argument}' cannot be used with: {others}")
            fr("`{argument}` ne va pas avec {others}")
        Unfit { text: String }
            en("{text}")
            fr("ligne de commande refusée : {text}")
        NearWord { near: String }
            en("a similar one exists: '{near}'")
            fr("il existe `{near}`, qui lui ressemble")
        AsValue { word: String }
            en("to pass '{word}' as a value, use '-- {word}'")
            fr("pour donner `{word}` comme valeur, écrire `-- {word}`")
        Usage { usage: String }
            en("Usage: {usage}")
            fr("Utilisation : {usage}")
        SeeHelp { command: String }
            en("for more: {command} --help")
            fr("pour en savoir plus : {command} --help")
        Languages {}
            en("the languages are en and fr")
            fr("les langues sont en et fr")
        WantsDuration {}
            en("write a duration such as 90s, 5m or 2h")
            fr("écrire une durée comme 90s, 5m ou 2h")
        WantsAges {}
            en("write a duration, or two with a comma, the longer one last, such as 26h,50h")
            fr("écrire une durée, ou deux avec une virgule, la plus longue à la fin, comme 26h,50h")
        WantsNumbers {}
            en("write a number, or two with a comma, the larger one last, such as 5,50")
            fr("écrire un nombre, ou deux avec une virgule, le plus grand à la fin, comme 5,50")
        WantsRun {}
            en("write the number of a run, such as 17; hopem-sync runs lists them")
            fr("écrire le numéro d’une exécution, comme 17; hopem-sync runs en donne la liste")
        WantsCount {}
            en("write a whole number, such as 20")
            fr("écrire un nombre entier, comme 20")
        WantsCondition {}
            en("write FIELD=VALUE, such as CompanyNo=3")
            fr("écrire CHAMP=VALEUR, comme CompanyNo=3")
    }
}
