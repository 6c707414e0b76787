
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'hopem-sync' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'hopem-sync'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'hopem-sync' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a configuration from what Hopem offers')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Read Hopem, then bring the monday boards up to date')
            [CompletionResult]::new('pull', 'pull', [CompletionResultType]::ParameterValue, 'Read Hopem into the store')
            [CompletionResult]::new('push', 'push', [CompletionResultType]::ParameterValue, 'Bring the monday boards up to the store')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show what is synced, pending, in error; with an entity, its whole story')
            [CompletionResult]::new('dashboard', 'dashboard', [CompletionResultType]::ParameterValue, 'Show entities, their states and stories on the whole terminal, and act on them')
            [CompletionResult]::new('pause', 'pause', [CompletionResultType]::ParameterValue, 'Stop pushing entities; they are still read')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Push entities again that were paused')
            [CompletionResult]::new('resync', 'resync', [CompletionResultType]::ParameterValue, 'Read entities now and send every mapped column again')
            [CompletionResult]::new('show-json', 'show-json', [CompletionResultType]::ParameterValue, 'Print a record exactly as Hopem sent it')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Say of each column why it is, or is not, sent now')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the stored inventory of a kind, for another system to read')
            [CompletionResult]::new('link', 'link', [CompletionResultType]::ParameterValue, 'Attach an entity to an item that is there; list candidates')
            [CompletionResult]::new('listen', 'listen', [CompletionResultType]::ParameterValue, 'Receive Hopem''s webhooks into the store')
            [CompletionResult]::new('unlink', 'unlink', [CompletionResultType]::ParameterValue, 'Dissociate entities from their items')
            [CompletionResult]::new('subscribe', 'subscribe', [CompletionResultType]::ParameterValue, 'Show or change which entities HApi notifies by webhooks')
            [CompletionResult]::new('forget', 'forget', [CompletionResultType]::ParameterValue, 'Remove entities from the store and its history, for good')
            [CompletionResult]::new('columns', 'columns', [CompletionResultType]::ParameterValue, 'Show what HApi and the board of a kind have, and what of it is mapped')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look at everything without changing anything, and say what to do')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Copy the store, also while other commands run')
            [CompletionResult]::new('runs', 'runs', [CompletionResultType]::ParameterValue, 'List past runs; with a number, what a run did')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show the effective configuration, secrets masked; find every mistake in it')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print what a shell needs to complete command lines')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual, or write its pages into a folder')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hopem-sync;init' {
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace that boards are made in; which there are is listed without it')
            [CompletionResult]::new('--board', '--board', [CompletionResultType]::ParameterName, 'Map a kind onto the columns of a board that is there; may be repeated')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Push only what has one of these values, such as tenant.TenantType=L,A; `*` for all; may be repeated')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--from-env', '--from-env', [CompletionResultType]::ParameterName, 'Ask nothing: take every answer from the environment')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'Print the configuration and write nothing')
            [CompletionResult]::new('--create-boards', '--create-boards', [CompletionResultType]::ParameterName, 'Make a board for each kind that has none, and the columns that are missing on those made before')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;sync' {
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Push at most N entities')
            [CompletionResult]::new('--max-calls', '--max-calls', [CompletionResultType]::ParameterName, 'Spend at most N calls to monday')
            [CompletionResult]::new('--max-duration', '--max-duration', [CompletionResultType]::ParameterName, 'End after this long, such as 10m; what is left waits for the next run')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--full', '--full', [CompletionResultType]::ParameterName, 'Read everything even where events would do')
            [CompletionResult]::new('--allow-deletes', '--allow-deletes', [CompletionResultType]::ParameterName, 'Lift the guard against many deletes, for the kinds named')
            [CompletionResult]::new('--rekey', '--rekey', [CompletionResultType]::ParameterName, 'Give each entity its new key after `key` was changed; items and links stay')
            [CompletionResult]::new('--accept-new-source', '--accept-new-source', [CompletionResultType]::ParameterName, 'Go on with another HApi, or another board, than the store belongs to')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Read into memory, print the plan and stop')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Read into memory, print the plan and stop')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;pull' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--full', '--full', [CompletionResultType]::ParameterName, 'Read everything even where events would do')
            [CompletionResult]::new('--allow-deletes', '--allow-deletes', [CompletionResultType]::ParameterName, 'Lift the guard against many deletes, for the kinds named')
            [CompletionResult]::new('--rekey', '--rekey', [CompletionResultType]::ParameterName, 'Give each entity its new key after `key` was changed; items and links stay')
            [CompletionResult]::new('--accept-new-source', '--accept-new-source', [CompletionResultType]::ParameterName, 'Go on with another HApi, or another board, than the store belongs to')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Read into memory and print what would change')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Read into memory and print what would change')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;push' {
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Push at most N entities')
            [CompletionResult]::new('--max-calls', '--max-calls', [CompletionResultType]::ParameterName, 'Spend at most N calls to monday')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'With --dry-run: write the plan to FILE too, readable by its owner alone')
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'Send exactly what the plan in FILE says, or nothing where that no longer holds')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--allow-deletes', '--allow-deletes', [CompletionResultType]::ParameterName, 'Lift the guard against many deletes, for the kinds named')
            [CompletionResult]::new('--rekey', '--rekey', [CompletionResultType]::ParameterName, 'Give each entity its new key after `key` was changed; items and links stay')
            [CompletionResult]::new('--accept-new-source', '--accept-new-source', [CompletionResultType]::ParameterName, 'Go on with another HApi, or another board, than the store belongs to')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Print the plan and stop')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the plan and stop')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;status' {
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Only entities in this state')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'Only entities with these words in their name, key or record, with this telephone number, or with this item: its id, or its address')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'List at most N entities')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'List entities in this order')
            [CompletionResult]::new('--max-age', '--max-age', [CompletionResultType]::ParameterName, 'How long ago any kind may have been read, any change may wait, and any trouble of a kind or a side may last')
            [CompletionResult]::new('--max-errors', '--max-errors', [CompletionResultType]::ParameterName, 'With --check: how many entities may be in error')
            [CompletionResult]::new('--max-pending', '--max-pending', [CompletionResultType]::ParameterName, 'With --check: how many entities may be pending')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Show it again every 2 s, or as often as this says, until Ctrl-C')
            [CompletionResult]::new('--html', '--html', [CompletionResultType]::ParameterName, 'Write it as one page for a browser to FILE; - prints it')
            [CompletionResult]::new('--metrics', '--metrics', [CompletionResultType]::ParameterName, 'Write the figures to FILE, for Prometheus'' textfile collector; - prints them')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--drift', '--drift', [CompletionResultType]::ParameterName, 'Read the boards and show where they differ from what was sent')
            [CompletionResult]::new('--duplicates', '--duplicates', [CompletionResultType]::ParameterName, 'Read the boards and show which keys stand on several items, and what to do about it')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Answer as a Nagios plug-in: one line, exit code 0 to 3')
            [CompletionResult]::new('--names', '--names', [CompletionResultType]::ParameterName, 'With --html: show names of persons, and texts that may hold one')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;dashboard' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;pause' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why; shown in the entity''s story')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'When it ends by itself: 2027-01-15, 2027-01-15T08:00:00Z, 3d, monday or lundi')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;resume' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;resync' {
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Those in this state (of the kinds named, or of all): error, pending, synced')
            [CompletionResult]::new('--column', '--column', [CompletionResultType]::ParameterName, 'Send only this column again, named by its title or its id; with --state error, of those of which it failed')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--later', '--later', [CompletionResultType]::ParameterName, 'Leave it to the next run')
            [CompletionResult]::new('--relink', '--relink', [CompletionResultType]::ParameterName, 'Tie unlinked entities again')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;show-json' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--mapped', '--mapped', [CompletionResultType]::ParameterName, 'What monday should get, by column')
            [CompletionResult]::new('--sent', '--sent', [CompletionResultType]::ParameterName, 'What monday got last, by column')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Both of them, side by side')
            [CompletionResult]::new('--live', '--live', [CompletionResultType]::ParameterName, 'The whole record from HApi now')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;explain' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;export' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How it is written')
            [CompletionResult]::new('--where', '--where', [CompletionResultType]::ParameterName, 'Only records whose property has this value; several of these must all hold')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--mapped', '--mapped', [CompletionResultType]::ParameterName, 'What monday should show, as plain text by column, with the entity''s state')
            [CompletionResult]::new('--titles', '--titles', [CompletionResultType]::ParameterName, 'With --mapped --format csv: head the columns by their titles on the board')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'With --format csv: begin with the mark by which Excel knows UTF-8')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;link' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--auto', '--auto', [CompletionResultType]::ParameterName, 'Attach what has exactly one match: by the key column, then by the identity columns')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'With --auto: show what would be attached')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'With --auto: show what would be attached')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;listen' {
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Where to listen, instead of `[listen] address`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--sync', '--sync', [CompletionResultType]::ParameterName, 'Also read and push what the events name')
            [CompletionResult]::new('--stdin', '--stdin', [CompletionResultType]::ParameterName, 'Read payloads from standard input, one a line')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;unlink' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--archive-item', '--archive-item', [CompletionResultType]::ParameterName, 'Archive the item too, at the next push')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;subscribe' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show what HApi notifies, and what it should')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Ask HApi to notify kinds; repeating it does no harm')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Ask HApi to notify kinds no longer')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hopem-sync;subscribe;list' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;subscribe;add' {
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'Where HApi sends events: the public address of `listen`')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Another header that HApi sends back, besides the configured one; may be repeated')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;subscribe;remove' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;subscribe;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show what HApi notifies, and what it should')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Ask HApi to notify kinds; repeating it does no harm')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Ask HApi to notify kinds no longer')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hopem-sync;subscribe;help;list' {
            break
        }
        'hopem-sync;subscribe;help;add' {
            break
        }
        'hopem-sync;subscribe;help;remove' {
            break
        }
        'hopem-sync;subscribe;help;help' {
            break
        }
        'hopem-sync;forget' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;columns' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask neither HApi nor monday')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;doctor' {
            [CompletionResult]::new('--shape', '--shape', [CompletionResultType]::ParameterName, 'Write names, types and lengths of what HApi and the boards hold to FILE, for support: no value is in it')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask neither HApi nor monday')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;backup' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;runs' {
            [CompletionResult]::new('--html', '--html', [CompletionResultType]::ParameterName, 'Write it as one page for a browser to FILE; - prints it')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'List at most N runs')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--changes', '--changes', [CompletionResultType]::ParameterName, 'With a run: every change, old and new')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'List the last runs, then each as soon as it has ended, until Ctrl-C')
            [CompletionResult]::new('--names', '--names', [CompletionResultType]::ParameterName, 'With --html: show names of persons, and texts that may hold one')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;config' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every setting as it counts now')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Find every mistake at once, without asking anybody')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hopem-sync;config;show' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--origin', '--origin', [CompletionResultType]::ParameterName, 'Say where each setting came from')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;config;check' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;config;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every setting as it counts now')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Find every mistake at once, without asking anybody')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hopem-sync;config;help;show' {
            break
        }
        'hopem-sync;config;help;check' {
            break
        }
        'hopem-sync;config;help;help' {
            break
        }
        'hopem-sync;completions' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;man' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;version' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use NAME.toml beside the configuration, with a store of its own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language of what people read')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for another run to end, such as 60s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print exactly one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing where all went well, else one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: causes and waits on stderr, long lists whole')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hopem-sync;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a configuration from what Hopem offers')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Read Hopem, then bring the monday boards up to date')
            [CompletionResult]::new('pull', 'pull', [CompletionResultType]::ParameterValue, 'Read Hopem into the store')
            [CompletionResult]::new('push', 'push', [CompletionResultType]::ParameterValue, 'Bring the monday boards up to the store')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show what is synced, pending, in error; with an entity, its whole story')
            [CompletionResult]::new('dashboard', 'dashboard', [CompletionResultType]::ParameterValue, 'Show entities, their states and stories on the whole terminal, and act on them')
            [CompletionResult]::new('pause', 'pause', [CompletionResultType]::ParameterValue, 'Stop pushing entities; they are still read')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Push entities again that were paused')
            [CompletionResult]::new('resync', 'resync', [CompletionResultType]::ParameterValue, 'Read entities now and send every mapped column again')
            [CompletionResult]::new('show-json', 'show-json', [CompletionResultType]::ParameterValue, 'Print a record exactly as Hopem sent it')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Say of each column why it is, or is not, sent now')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the stored inventory of a kind, for another system to read')
            [CompletionResult]::new('link', 'link', [CompletionResultType]::ParameterValue, 'Attach an entity to an item that is there; list candidates')
            [CompletionResult]::new('listen', 'listen', [CompletionResultType]::ParameterValue, 'Receive Hopem''s webhooks into the store')
            [CompletionResult]::new('unlink', 'unlink', [CompletionResultType]::ParameterValue, 'Dissociate entities from their items')
            [CompletionResult]::new('subscribe', 'subscribe', [CompletionResultType]::ParameterValue, 'Show or change which entities HApi notifies by webhooks')
            [CompletionResult]::new('forget', 'forget', [CompletionResultType]::ParameterValue, 'Remove entities from the store and its history, for good')
            [CompletionResult]::new('columns', 'columns', [CompletionResultType]::ParameterValue, 'Show what HApi and the board of a kind have, and what of it is mapped')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look at everything without changing anything, and say what to do')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Copy the store, also while other commands run')
            [CompletionResult]::new('runs', 'runs', [CompletionResultType]::ParameterValue, 'List past runs; with a number, what a run did')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show the effective configuration, secrets masked; find every mistake in it')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print what a shell needs to complete command lines')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual, or write its pages into a folder')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hopem-sync;help;init' {
            break
        }
        'hopem-sync;help;sync' {
            break
        }
        'hopem-sync;help;pull' {
            break
        }
        'hopem-sync;help;push' {
            break
        }
        'hopem-sync;help;status' {
            break
        }
        'hopem-sync;help;dashboard' {
            break
        }
        'hopem-sync;help;pause' {
            break
        }
        'hopem-sync;help;resume' {
            break
        }
        'hopem-sync;help;resync' {
            break
        }
        'hopem-sync;help;show-json' {
            break
        }
        'hopem-sync;help;explain' {
            break
        }
        'hopem-sync;help;export' {
            break
        }
        'hopem-sync;help;link' {
            break
        }
        'hopem-sync;help;listen' {
            break
        }
        'hopem-sync;help;unlink' {
            break
        }
        'hopem-sync;help;subscribe' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show what HApi notifies, and what it should')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Ask HApi to notify kinds; repeating it does no harm')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Ask HApi to notify kinds no longer')
            break
        }
        'hopem-sync;help;subscribe;list' {
            break
        }
        'hopem-sync;help;subscribe;add' {
            break
        }
        'hopem-sync;help;subscribe;remove' {
            break
        }
        'hopem-sync;help;forget' {
            break
        }
        'hopem-sync;help;columns' {
            break
        }
        'hopem-sync;help;doctor' {
            break
        }
        'hopem-sync;help;backup' {
            break
        }
        'hopem-sync;help;runs' {
            break
        }
        'hopem-sync;help;config' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every setting as it counts now')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Find every mistake at once, without asking anybody')
            break
        }
        'hopem-sync;help;config;show' {
            break
        }
        'hopem-sync;help;config;check' {
            break
        }
        'hopem-sync;help;completions' {
            break
        }
        'hopem-sync;help;man' {
            break
        }
        'hopem-sync;help;version' {
            break
        }
        'hopem-sync;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
