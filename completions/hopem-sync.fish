# Completion of hopem-sync's command line in fish. The program itself says what may stand there.

function __hopem_sync_complete
    set -l words (commandline --tokenize --current-process --cut-at-cursor)
    $words[1] __complete $words (commandline --current-token --cut-at-cursor) 2>/dev/null | string replace --regex '^.' ''
end

complete --command hopem-sync --no-files --keep-order --arguments '(__hopem_sync_complete)'
