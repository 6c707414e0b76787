//! Why a value cannot go into its monday column.

super::declare::messages! {
    /// Why a value cannot go into its monday column.
    ColumnText {
        CellNotANumber { value: String }
            en("monday wants a number, this is `{value}`")
            fr("monday attend un nombre, et non `{value}`")
        CellTooManyCharacters { length: u64, most: u64 }
            en("the text has {length} characters, this column takes {most}")
            fr("le texte compte {length} caractères, cette colonne en accepte {most}")
        CellTooManyBytes { length: u64, most: u64 }
            en("the text has {length} bytes, monday keeps {most} per item")
            fr("le texte compte {length} octets, monday en garde {most} par élément")
        CellTextsTooLong { length: u64, most: u64 }
            en("the texts of this item have {length} bytes together, monday keeps {most}: the longest is left out")
            fr("les textes de cet élément comptent {length} octets en tout, monday en garde {most} : le plus long est laissé de côté")
        CellSeveralValues { count: u64, column_type: String }
            en("these are {count} values, a `{column_type}` column holds one")
            fr("il y a {count} valeurs, une colonne `{column_type}` n’en contient qu’une")
        CellNoSuchLabel { label: String, column: String }
            en("column `{column}` has no label `{label}`")
            fr("la colonne `{column}` n’a pas d’étiquette `{label}`")
        CellLabelDeactivated { label: String, column: String }
            en("label `{label}` of column `{column}` is deactivated: activate it on the board or map the value")
            fr("l’étiquette `{label}` de la colonne `{column}` est désactivée : la réactiver dans le tableau ou associer la valeur à une autre")
        CellLabelTooLong { label: String, length: u64, most: u64 }
            en("label `{label}` has {length} characters, monday takes {most}")
            fr("l’étiquette `{label}` compte {length} caractères, monday en accepte {most}")
        CellLabelOfDigits { label: String, column: String }
            en("monday takes the digits `{label}` for a label’s number, and column `{column}` has no such label: add it on the board or map the value")
            fr("monday prend les chiffres `{label}` pour le numéro d’une étiquette, et la colonne `{column}` n’a pas cette étiquette : l’ajouter au tableau ou lui associer une valeur existante")
        CellLabelOfDigitsUnread { label: String }
            en("monday takes the digits `{label}` for a label’s number, and the labels of the board were not read")
            fr("monday prend les chiffres `{label}` pour le numéro d’une étiquette, et les étiquettes du tableau n’ont pas été lues")
        CellNotADate { value: String }
            en("monday wants a date such as `2026-06-30`, this is `{value}`")
            fr("monday attend une date comme `2026-06-30`, et non `{value}`")
        CellNotATimeline { value: String }
            en("a timeline wants two dates such as `2026-07-01/2027-06-30`, this is `{value}`")
            fr("un échéancier attend deux dates comme `2026-07-01/2027-06-30`, et non `{value}`")
        CellTimelineBackwards { from: String, to: String }
            en("the timeline begins on `{from}`, after its end on `{to}`")
            fr("l’échéancier commence le `{from}`, après sa fin le `{to}`")
        CellNotAnEmail { value: String }
            en("`{value}` is no e-mail address")
            fr("`{value}` n’est pas une adresse courriel")
        CellNotALink { value: String }
            en("`{value}` is no web address: it must begin with `https://`, `http://` or `www.`")
            fr("`{value}` n’est pas une adresse Web : elle doit commencer par `https://`, `http://` ou `www.`")
        CellNotAPhone { value: String, country: String }
            en("`{value}` is no valid phone number for `{country}`")
            fr("`{value}` n’est pas un numéro de téléphone valide pour `{country}`")
        CellNotYesOrNo { value: String }
            en("a checkbox wants yes or no, this is `{value}`")
            fr("une case à cocher attend oui ou non, et non `{value}`")
        CellNotACountry { value: String }
            en("`{value}` is no country: give its code or its name")
            fr("`{value}` n’est pas un pays : donner son code ou son nom")
        CellNotALocation { value: String }
            en("a location wants `latitude|longitude|address` with decimal degrees, this is `{value}`")
            fr("un emplacement attend `latitude|longitude|adresse` en degrés décimaux, et non `{value}`")
        CellNeedsRelation {}
            en("a `board_relation` column takes the item of a parent: map it with `relation`")
            fr("une colonne `board_relation` reçoit l’élément d’un parent : l’associer avec `relation`")
        CellTakesNoRelation { column_type: String }
            en("a relation goes into a `board_relation` column, this is a `{column_type}` column")
            fr("une relation va dans une colonne `board_relation`, et celle-ci est de type `{column_type}`")
    }
}
