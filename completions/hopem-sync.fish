# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_hopem_sync_global_optspecs
    string join \n config= store= profile= json q/quiet v/verbose color= lang= yes wait= h/help V/version
end

function __fish_hopem_sync_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_hopem_sync_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_hopem_sync_using_subcommand
    set -l cmd (__fish_hopem_sync_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -s V -l version -d 'Print version'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "sync" -d 'Read Hopem, then bring the monday boards up to date'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "pull" -d 'Read Hopem into the store'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "push" -d 'Bring the monday boards up to the store'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "status" -d 'Show what is synced, pending, in error; with an entity, its whole story'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "pause" -d 'Stop pushing entities; they are still read'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "resume" -d 'Push entities again that were paused'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "resync" -d 'Read entities now and send every mapped column again'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "show-json" -d 'Print a record exactly as Hopem sent it'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "explain" -d 'Say of each column why it is, or is not, sent now'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "export" -d 'Write the stored inventory of a kind, for another system to read'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "link" -d 'Attach an entity to an item that is there; list candidates'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "listen" -d 'Receive Hopem\'s webhooks into the store'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "unlink" -d 'Dissociate entities from their items'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "subscribe" -d 'Show or change which entities HApi notifies by webhooks'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "forget" -d 'Remove entities from the store and its history, for good'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "backup" -d 'Copy the store, also while other commands run'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "runs" -d 'List past runs; with a number, what a run did'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "config" -d 'Show the effective configuration, secrets masked'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "completions" -d 'Print what a shell needs to complete command lines'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "man" -d 'Print the manual, or write its pages into a folder'
complete -c hopem-sync -n "__fish_hopem_sync_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -l limit -d 'Push at most N entities' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -l max-calls -d 'Spend at most N calls to monday' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -l max-duration -d 'End after this long, such as 10m; what is left waits for the next run' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -l full -d 'Read everything even where events would do'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -l allow-deletes -d 'Lift the guard against many deletes, for the kinds named'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -l rekey -d 'Give each entity its new key after `key` was changed; items and links stay'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -l accept-new-source -d 'Go on with another HApi, or another board, than the store belongs to'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -l dry-run -d 'Read into memory, print the plan and stop'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pull" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pull" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pull" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pull" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pull" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pull" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pull" -l full -d 'Read everything even where events would do'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pull" -l allow-deletes -d 'Lift the guard against many deletes, for the kinds named'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pull" -l rekey -d 'Give each entity its new key after `key` was changed; items and links stay'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pull" -l accept-new-source -d 'Go on with another HApi, or another board, than the store belongs to'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pull" -l dry-run -d 'Read into memory and print what would change'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pull" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pull" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pull" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pull" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pull" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -l limit -d 'Push at most N entities' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -l max-calls -d 'Spend at most N calls to monday' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -l allow-deletes -d 'Lift the guard against many deletes, for the kinds named'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -l rekey -d 'Give each entity its new key after `key` was changed; items and links stay'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -l accept-new-source -d 'Go on with another HApi, or another board, than the store belongs to'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -l dry-run -d 'Print the plan and stop'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand push" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l state -d 'Only entities in this state' -r -f -a "synced\t''
pending\t''
error\t''
paused\t''
unlinked\t''
off\t''
deleted\t''"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l search -d 'Only entities with this text in their name, key or record' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l max-age -d 'How long ago any kind may have been read, any change may wait, and any trouble of a kind or a side may last' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l max-errors -d 'With --check: how many entities may be in error' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l max-pending -d 'With --check: how many entities may be pending' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l metrics -d 'Write the figures to FILE, for Prometheus\' textfile collector; - prints them' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l drift -d 'Read the boards and show where they differ from what was sent'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l duplicates -d 'Read the boards and show which keys stand on several items, and what to do about it'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l check -d 'Answer as a Nagios plug-in: one line, exit code 0 to 3'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pause" -l reason -d 'Why; shown in the entity\'s story' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pause" -l until -d 'When it ends by itself: 2027-01-15, or 2027-01-15T08:00:00Z' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pause" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pause" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pause" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pause" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pause" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pause" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pause" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pause" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pause" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pause" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand pause" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resume" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resume" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resume" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resume" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resume" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resume" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resume" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resume" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resume" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resume" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resume" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resync" -l state -d 'Those in this state (of the kinds named, or of all): error, pending, synced' -r -f -a "error\t''
pending\t''
synced\t''"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resync" -l column -d 'Send only this column again; with --state error, of those of which it failed' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resync" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resync" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resync" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resync" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resync" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resync" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resync" -l later -d 'Leave it to the next run'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resync" -l relink -d 'Tie unlinked entities again'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resync" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resync" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resync" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resync" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand resync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand show-json" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand show-json" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand show-json" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand show-json" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand show-json" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand show-json" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand show-json" -l mapped -d 'What monday should get, by column'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand show-json" -l sent -d 'What monday got last, by column'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand show-json" -l diff -d 'Both of them, side by side'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand show-json" -l live -d 'The whole record from HApi now'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand show-json" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand show-json" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand show-json" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand show-json" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand show-json" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand explain" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand explain" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand explain" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand explain" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand explain" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand explain" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand explain" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand explain" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand explain" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand explain" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand export" -l format -d 'How it is written' -r -f -a "json\t'One array'
ndjson\t'One record a line'
csv\t'Rows with a header'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand export" -l where -d 'Only records whose property has this value; several of these must all hold' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand export" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand export" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand export" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand export" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand export" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand export" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand export" -l mapped -d 'What monday should show, as plain text by column, with the entity\'s state'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand export" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand export" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand export" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand export" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand link" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand link" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand link" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand link" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand link" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand link" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand link" -l auto -d 'Attach what has exactly one match: by the key column, then by the identity columns'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand link" -l dry-run -d 'With --auto: show what would be attached'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand link" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand link" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand link" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand link" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand link" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand listen" -l address -d 'Where to listen, instead of `[listen] address`' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand listen" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand listen" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand listen" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand listen" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand listen" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand listen" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand listen" -l sync -d 'Also read and push what the events name'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand listen" -l stdin -d 'Read payloads from standard input, one a line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand listen" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand listen" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand listen" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand listen" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand listen" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand unlink" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand unlink" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand unlink" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand unlink" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand unlink" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand unlink" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand unlink" -l archive-item -d 'Archive the item too, at the next push'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand unlink" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand unlink" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand unlink" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand unlink" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand unlink" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and not __fish_seen_subcommand_from list add remove help" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and not __fish_seen_subcommand_from list add remove help" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and not __fish_seen_subcommand_from list add remove help" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and not __fish_seen_subcommand_from list add remove help" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and not __fish_seen_subcommand_from list add remove help" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and not __fish_seen_subcommand_from list add remove help" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and not __fish_seen_subcommand_from list add remove help" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and not __fish_seen_subcommand_from list add remove help" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and not __fish_seen_subcommand_from list add remove help" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and not __fish_seen_subcommand_from list add remove help" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and not __fish_seen_subcommand_from list add remove help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and not __fish_seen_subcommand_from list add remove help" -f -a "list" -d 'Show what HApi notifies, and what it should'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and not __fish_seen_subcommand_from list add remove help" -f -a "add" -d 'Ask HApi to notify kinds; repeating it does no harm'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and not __fish_seen_subcommand_from list add remove help" -f -a "remove" -d 'Ask HApi to notify kinds no longer'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and not __fish_seen_subcommand_from list add remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from list" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from list" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from list" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from list" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from list" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from list" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from list" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from add" -l url -d 'Where HApi sends events: the public address of `listen`' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from add" -l header -d 'Another header that HApi sends back, besides the configured one; may be repeated' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from add" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from add" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from add" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from add" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from add" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from add" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from add" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from add" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from remove" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from remove" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from remove" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from remove" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from remove" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from remove" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from remove" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from remove" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from help" -f -a "list" -d 'Show what HApi notifies, and what it should'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from help" -f -a "add" -d 'Ask HApi to notify kinds; repeating it does no harm'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Ask HApi to notify kinds no longer'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand subscribe; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand forget" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand forget" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand forget" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand forget" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand forget" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand forget" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand forget" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand forget" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand forget" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand forget" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand forget" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand backup" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand backup" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand backup" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand backup" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand backup" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand backup" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand backup" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand backup" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand backup" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand backup" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand backup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand runs" -l limit -d 'List at most N runs' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand runs" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand runs" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand runs" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand runs" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand runs" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand runs" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand runs" -l changes -d 'With a run: every change, old and new'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand runs" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand runs" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand runs" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand runs" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand runs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and not __fish_seen_subcommand_from show help" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and not __fish_seen_subcommand_from show help" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and not __fish_seen_subcommand_from show help" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and not __fish_seen_subcommand_from show help" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and not __fish_seen_subcommand_from show help" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and not __fish_seen_subcommand_from show help" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and not __fish_seen_subcommand_from show help" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and not __fish_seen_subcommand_from show help" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and not __fish_seen_subcommand_from show help" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and not __fish_seen_subcommand_from show help" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and not __fish_seen_subcommand_from show help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and not __fish_seen_subcommand_from show help" -f -a "show" -d 'Show every setting as it counts now'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and not __fish_seen_subcommand_from show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and __fish_seen_subcommand_from show" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and __fish_seen_subcommand_from show" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and __fish_seen_subcommand_from show" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and __fish_seen_subcommand_from show" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and __fish_seen_subcommand_from show" -l origin -d 'Say where each setting came from'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and __fish_seen_subcommand_from show" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show every setting as it counts now'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand completions" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand completions" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand completions" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand completions" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand completions" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand completions" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand completions" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand completions" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand completions" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand completions" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand man" -l config -d 'Configuration file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand man" -l store -d 'Store file' -r -F
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand man" -l profile -d 'Use NAME.toml beside the configuration, with a store of its own' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand man" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand man" -l lang -d 'Language of what people read' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand man" -l wait -d 'Wait this long for another run to end, such as 60s' -r
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand man" -l json -d 'Print exactly one JSON document on stdout'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand man" -s q -l quiet -d 'Print nothing where all went well, else one line'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand man" -s v -l verbose -d 'Say more: causes and waits on stderr, long lists whole'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand man" -l yes -d 'Answer yes to every question'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "sync" -d 'Read Hopem, then bring the monday boards up to date'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "pull" -d 'Read Hopem into the store'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "push" -d 'Bring the monday boards up to the store'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "status" -d 'Show what is synced, pending, in error; with an entity, its whole story'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "pause" -d 'Stop pushing entities; they are still read'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "resume" -d 'Push entities again that were paused'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "resync" -d 'Read entities now and send every mapped column again'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "show-json" -d 'Print a record exactly as Hopem sent it'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "explain" -d 'Say of each column why it is, or is not, sent now'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "export" -d 'Write the stored inventory of a kind, for another system to read'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "link" -d 'Attach an entity to an item that is there; list candidates'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "listen" -d 'Receive Hopem\'s webhooks into the store'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "unlink" -d 'Dissociate entities from their items'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "subscribe" -d 'Show or change which entities HApi notifies by webhooks'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "forget" -d 'Remove entities from the store and its history, for good'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "backup" -d 'Copy the store, also while other commands run'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "runs" -d 'List past runs; with a number, what a run did'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "config" -d 'Show the effective configuration, secrets masked'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "completions" -d 'Print what a shell needs to complete command lines'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "man" -d 'Print the manual, or write its pages into a folder'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and not __fish_seen_subcommand_from sync pull push status pause resume resync show-json explain export link listen unlink subscribe forget backup runs config completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and __fish_seen_subcommand_from subscribe" -f -a "list" -d 'Show what HApi notifies, and what it should'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and __fish_seen_subcommand_from subscribe" -f -a "add" -d 'Ask HApi to notify kinds; repeating it does no harm'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and __fish_seen_subcommand_from subscribe" -f -a "remove" -d 'Ask HApi to notify kinds no longer'
complete -c hopem-sync -n "__fish_hopem_sync_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Show every setting as it counts now'
