//! Declaration of a table of messages: each row in both languages, or it does not compile.

/// Declares one table of messages. Each row: a name, its values, the English and the French as arguments of `format!`; where it
/// was renamed, `#[serde(alias = …)]` before it, so that what is stored can still be read.
///
/// Values are `String`, `u64` (grouped), `Kind`, `Vec<String>`, or `Why<M>` for what another message says, in a table that is declared
/// as `Table<M>`; `{n.word(..)}` agrees a word with a number.
macro_rules! messages {
    ($(#[$outer:meta])* $table:ident $(<$m:ident>)? { $( $(#[$row:meta])* $name:ident { $($field:ident : $type:ty),* $(,)? } en($($en:tt)*) fr($($fr:tt)*) )* }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[allow(clippy::enum_variant_names, reason = "the names are stored")]
        pub enum $table $(<$m: $crate::message::why::Render>)? { $( $(#[$row])* $name { $($field: $type),* } ),* }

        impl $(<$m: $crate::message::why::Render>)? $table $(<$m>)? {
            /// The text in a language.
            pub fn text(&self, lang: $crate::message::lang::Lang) -> String {
                match self { $(
                    Self::$name { $($field),* } => {
                        $( #[allow(unused_variables, reason = "a language may leave a value out")]
                           let $field = $crate::message::lang::Local { value: $field, lang }; )*
                        match lang {
                            $crate::message::lang::Lang::En => format!($($en)*),
                            $crate::message::lang::Lang::Fr => format!($($fr)*),
                        }
                    }
                )* }
            }

            /// One of each, for the test that renders them all.
            #[cfg(test)]
            pub(crate) fn samples() -> Vec<Self>
            $( where $crate::message::why::Why<$m>: $crate::message::sample::Sample )?
            {
                vec![ $( Self::$name { $($field: <$type as $crate::message::sample::Sample>::sample()),* } ),* ]
            }
        }

        $crate::message::declare::quoting! { $table $(<$m>)? { $( $name { $($field),* } )* } }
    };
}
pub(crate) use messages;

/// Says which reasons the rows of a table quote.
macro_rules! quoting {
    ($table:ident { $($rows:tt)* }) => {
        impl<M> $crate::message::why::Quoting<M> for $table {}
    };
    ($table:ident <$m:ident> { $( $name:ident { $($field:ident),* } )* }) => {
        #[allow(unused_variables, reason = "most rows quote none")]
        impl<$m: $crate::message::why::Render> $crate::message::why::Quoting<$m> for $table<$m> {
            fn quoted(&self) -> Option<&$crate::message::why::Why<$m>> {
                match self { $( Self::$name { $($field),* } => {
                    let whys: [Option<&$crate::message::why::Why<$m>>; _] = [$( $crate::message::why::Quoting::quoted($field) ),*];
                    whys.into_iter().flatten().next()
                } )* }
            }

            fn quoted_mut(&mut self) -> Option<&mut $crate::message::why::Why<$m>> {
                match self { $( Self::$name { $($field),* } => {
                    let whys: [Option<&mut $crate::message::why::Why<$m>>; _] = [$( $crate::message::why::Quoting::quoted_mut($field) ),*];
                    whys.into_iter().flatten().next()
                } )* }
            }
        }
    };
}
pub(crate) use quoting;
