
use builtin;
use str;

set edit:completion:arg-completer[hopem-sync] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'hopem-sync'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'hopem-sync'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand init 'Write a configuration from what Hopem offers'
            cand sync 'Read Hopem, then bring the monday boards up to date'
            cand pull 'Read Hopem into the store'
            cand push 'Bring the monday boards up to the store'
            cand status 'Show what is synced, pending, in error; with an entity, its whole story'
            cand dashboard 'Show entities, their states and stories on the whole terminal, and act on them'
            cand pause 'Stop pushing entities; they are still read'
            cand resume 'Push entities again that were paused'
            cand resync 'Read entities now and send every mapped column again'
            cand show-json 'Print a record exactly as Hopem sent it'
            cand explain 'Say of each column why it is, or is not, sent now'
            cand export 'Write the stored inventory of a kind, for another system to read'
            cand link 'Attach an entity to an item that is there; list candidates'
            cand listen 'Receive Hopem''s webhooks into the store'
            cand unlink 'Dissociate entities from their items'
            cand subscribe 'Show or change which entities HApi notifies by webhooks'
            cand forget 'Remove entities from the store and its history, for good'
            cand columns 'Show what HApi and the board of a kind have, and what of it is mapped'
            cand doctor 'Look at everything without changing anything, and say what to do'
            cand backup 'Copy the store, also while other commands run'
            cand runs 'List past runs; with a number, what a run did'
            cand config 'Show the effective configuration, secrets masked; find every mistake in it'
            cand completions 'Print what a shell needs to complete command lines'
            cand man 'Print the manual, or write its pages into a folder'
            cand version 'Print the version'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'hopem-sync;init'= {
            cand --workspace 'The workspace that boards are made in; which there are is listed without it'
            cand --board 'Map a kind onto the columns of a board that is there; may be repeated'
            cand --only 'Push only what has one of these values, such as tenant.TenantType=L,A; `*` for all; may be repeated'
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --from-env 'Ask nothing: take every answer from the environment'
            cand --print 'Print the configuration and write nothing'
            cand --create-boards 'Make a board for each kind that has none, and the columns that are missing on those made before'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;sync'= {
            cand --limit 'Push at most N entities'
            cand --max-calls 'Spend at most N calls to monday'
            cand --max-duration 'End after this long, such as 10m; what is left waits for the next run'
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --full 'Read everything even where events would do'
            cand --allow-deletes 'Lift the guard against many deletes, for the kinds named'
            cand --rekey 'Give each entity its new key after `key` was changed; items and links stay'
            cand --accept-new-source 'Go on with another HApi, or another board, than the store belongs to'
            cand -n 'Read into memory, print the plan and stop'
            cand --dry-run 'Read into memory, print the plan and stop'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;pull'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --full 'Read everything even where events would do'
            cand --allow-deletes 'Lift the guard against many deletes, for the kinds named'
            cand --rekey 'Give each entity its new key after `key` was changed; items and links stay'
            cand --accept-new-source 'Go on with another HApi, or another board, than the store belongs to'
            cand -n 'Read into memory and print what would change'
            cand --dry-run 'Read into memory and print what would change'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;push'= {
            cand --limit 'Push at most N entities'
            cand --max-calls 'Spend at most N calls to monday'
            cand --out 'With --dry-run: write the plan to FILE too, readable by its owner alone'
            cand --plan 'Send exactly what the plan in FILE says, or nothing where that no longer holds'
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --allow-deletes 'Lift the guard against many deletes, for the kinds named'
            cand --rekey 'Give each entity its new key after `key` was changed; items and links stay'
            cand --accept-new-source 'Go on with another HApi, or another board, than the store belongs to'
            cand -n 'Print the plan and stop'
            cand --dry-run 'Print the plan and stop'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;status'= {
            cand --state 'Only entities in this state'
            cand --search 'Only entities with these words in their name, key or record, with this telephone number, or with this item: its id, or its address'
            cand --limit 'List at most N entities'
            cand --sort 'List entities in this order'
            cand --max-age 'How long ago any kind may have been read, any change may wait, and any trouble of a kind or a side may last'
            cand --max-errors 'With --check: how many entities may be in error'
            cand --max-pending 'With --check: how many entities may be pending'
            cand --watch 'Show it again every 2 s, or as often as this says, until Ctrl-C'
            cand --html 'Write it as one page for a browser to FILE; - prints it'
            cand --metrics 'Write the figures to FILE, for Prometheus'' textfile collector; - prints them'
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --drift 'Read the boards and show where they differ from what was sent'
            cand --duplicates 'Read the boards and show which keys stand on several items, and what to do about it'
            cand --check 'Answer as a Nagios plug-in: one line, exit code 0 to 3'
            cand --names 'With --html: show names of persons, and texts that may hold one'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;dashboard'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;pause'= {
            cand --reason 'Why; shown in the entity''s story'
            cand --until 'When it ends by itself: 2027-01-15, 2027-01-15T08:00:00Z, 3d, monday or lundi'
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;resume'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;resync'= {
            cand --state 'Those in this state (of the kinds named, or of all): error, pending, synced'
            cand --column 'Send only this column again, named by its title or its id; with --state error, of those of which it failed'
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --later 'Leave it to the next run'
            cand --relink 'Tie unlinked entities again'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;show-json'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --mapped 'What monday should get, by column'
            cand --sent 'What monday got last, by column'
            cand --diff 'Both of them, side by side'
            cand --live 'The whole record from HApi now'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;explain'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;export'= {
            cand --format 'How it is written'
            cand --where 'Only records whose property has this value; several of these must all hold'
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --mapped 'What monday should show, as plain text by column, with the entity''s state'
            cand --titles 'With --mapped --format csv: head the columns by their titles on the board'
            cand --bom 'With --format csv: begin with the mark by which Excel knows UTF-8'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;link'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --auto 'Attach what has exactly one match: by the key column, then by the identity columns'
            cand -n 'With --auto: show what would be attached'
            cand --dry-run 'With --auto: show what would be attached'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;listen'= {
            cand --address 'Where to listen, instead of `[listen] address`'
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --sync 'Also read and push what the events name'
            cand --stdin 'Read payloads from standard input, one a line'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;unlink'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --archive-item 'Archive the item too, at the next push'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;subscribe'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'Show what HApi notifies, and what it should'
            cand add 'Ask HApi to notify kinds; repeating it does no harm'
            cand remove 'Ask HApi to notify kinds no longer'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'hopem-sync;subscribe;list'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;subscribe;add'= {
            cand --url 'Where HApi sends events: the public address of `listen`'
            cand --header 'Another header that HApi sends back, besides the configured one; may be repeated'
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;subscribe;remove'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;subscribe;help'= {
            cand list 'Show what HApi notifies, and what it should'
            cand add 'Ask HApi to notify kinds; repeating it does no harm'
            cand remove 'Ask HApi to notify kinds no longer'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'hopem-sync;subscribe;help;list'= {
        }
        &'hopem-sync;subscribe;help;add'= {
        }
        &'hopem-sync;subscribe;help;remove'= {
        }
        &'hopem-sync;subscribe;help;help'= {
        }
        &'hopem-sync;forget'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;columns'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --offline 'Ask neither HApi nor monday'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;doctor'= {
            cand --shape 'Write names, types and lengths of what HApi and the boards hold to FILE, for support: no value is in it'
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --offline 'Ask neither HApi nor monday'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;backup'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;runs'= {
            cand --html 'Write it as one page for a browser to FILE; - prints it'
            cand --limit 'List at most N runs'
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --changes 'With a run: every change, old and new'
            cand --follow 'List the last runs, then each as soon as it has ended, until Ctrl-C'
            cand --names 'With --html: show names of persons, and texts that may hold one'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;config'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand show 'Show every setting as it counts now'
            cand check 'Find every mistake at once, without asking anybody'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'hopem-sync;config;show'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --origin 'Say where each setting came from'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;config;check'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;config;help'= {
            cand show 'Show every setting as it counts now'
            cand check 'Find every mistake at once, without asking anybody'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'hopem-sync;config;help;show'= {
        }
        &'hopem-sync;config;help;check'= {
        }
        &'hopem-sync;config;help;help'= {
        }
        &'hopem-sync;completions'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;man'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;version'= {
            cand --config 'Configuration file'
            cand --store 'Store file'
            cand --profile 'Use NAME.toml beside the configuration, with a store of its own'
            cand --color 'When to use colour'
            cand --lang 'Language of what people read'
            cand --wait 'Wait this long for another run to end, such as 60s'
            cand --json 'Print exactly one JSON document on stdout'
            cand -q 'Print nothing where all went well, else one line'
            cand --quiet 'Print nothing where all went well, else one line'
            cand -v 'Say more: causes and waits on stderr, long lists whole'
            cand --verbose 'Say more: causes and waits on stderr, long lists whole'
            cand --yes 'Answer yes to every question'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hopem-sync;help'= {
            cand init 'Write a configuration from what Hopem offers'
            cand sync 'Read Hopem, then bring the monday boards up to date'
            cand pull 'Read Hopem into the store'
            cand push 'Bring the monday boards up to the store'
            cand status 'Show what is synced, pending, in error; with an entity, its whole story'
            cand dashboard 'Show entities, their states and stories on the whole terminal, and act on them'
            cand pause 'Stop pushing entities; they are still read'
            cand resume 'Push entities again that were paused'
            cand resync 'Read entities now and send every mapped column again'
            cand show-json 'Print a record exactly as Hopem sent it'
            cand explain 'Say of each column why it is, or is not, sent now'
            cand export 'Write the stored inventory of a kind, for another system to read'
            cand link 'Attach an entity to an item that is there; list candidates'
            cand listen 'Receive Hopem''s webhooks into the store'
            cand unlink 'Dissociate entities from their items'
            cand subscribe 'Show or change which entities HApi notifies by webhooks'
            cand forget 'Remove entities from the store and its history, for good'
            cand columns 'Show what HApi and the board of a kind have, and what of it is mapped'
            cand doctor 'Look at everything without changing anything, and say what to do'
            cand backup 'Copy the store, also while other commands run'
            cand runs 'List past runs; with a number, what a run did'
            cand config 'Show the effective configuration, secrets masked; find every mistake in it'
            cand completions 'Print what a shell needs to complete command lines'
            cand man 'Print the manual, or write its pages into a folder'
            cand version 'Print the version'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'hopem-sync;help;init'= {
        }
        &'hopem-sync;help;sync'= {
        }
        &'hopem-sync;help;pull'= {
        }
        &'hopem-sync;help;push'= {
        }
        &'hopem-sync;help;status'= {
        }
        &'hopem-sync;help;dashboard'= {
        }
        &'hopem-sync;help;pause'= {
        }
        &'hopem-sync;help;resume'= {
        }
        &'hopem-sync;help;resync'= {
        }
        &'hopem-sync;help;show-json'= {
        }
        &'hopem-sync;help;explain'= {
        }
        &'hopem-sync;help;export'= {
        }
        &'hopem-sync;help;link'= {
        }
        &'hopem-sync;help;listen'= {
        }
        &'hopem-sync;help;unlink'= {
        }
        &'hopem-sync;help;subscribe'= {
            cand list 'Show what HApi notifies, and what it should'
            cand add 'Ask HApi to notify kinds; repeating it does no harm'
            cand remove 'Ask HApi to notify kinds no longer'
        }
        &'hopem-sync;help;subscribe;list'= {
        }
        &'hopem-sync;help;subscribe;add'= {
        }
        &'hopem-sync;help;subscribe;remove'= {
        }
        &'hopem-sync;help;forget'= {
        }
        &'hopem-sync;help;columns'= {
        }
        &'hopem-sync;help;doctor'= {
        }
        &'hopem-sync;help;backup'= {
        }
        &'hopem-sync;help;runs'= {
        }
        &'hopem-sync;help;config'= {
            cand show 'Show every setting as it counts now'
            cand check 'Find every mistake at once, without asking anybody'
        }
        &'hopem-sync;help;config;show'= {
        }
        &'hopem-sync;help;config;check'= {
        }
        &'hopem-sync;help;completions'= {
        }
        &'hopem-sync;help;man'= {
        }
        &'hopem-sync;help;version'= {
        }
        &'hopem-sync;help;help'= {
        }
    ]
    $completions[$command]
}
