# Completion of hopem-sync's command line in bash. The program itself says what may stand there.

_hopem_sync() {
    local rest="${COMP_LINE:0:COMP_POINT}" word blank i line
    local -a words=()
    # bash cuts words at `:` and `=` too: what has no blank between its parts is put together again.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word="${COMP_WORDS[i]}"
        blank="${rest%%[![:space:]]*}"
        rest="${rest#"$blank"}"
        ((i == COMP_CWORD)) && word="$rest"
        rest="${rest#"$word"}"
        if ((i > 0)) && [[ -z $blank ]]; then
            words[${#words[@]}-1]+="$word"
        else
            words+=("$word")
        fi
    done
    word="${words[${#words[@]}-1]}"

    # What of the word stands before the last place where bash cuts is no part of what it replaces.
    local kept=""
    [[ $COMP_WORDBREAKS == *:* && $word == *:* ]] && kept="${word%"${word##*:}"}"
    [[ $COMP_WORDBREAKS == *=* && $word == --*=* ]] && kept="${word%%=*}="

    COMPREPLY=()
    while IFS= read -r line; do
        [[ $line == +* ]] && compopt -o nospace 2>/dev/null
        line="${line:1}"
        line="${line%%$'\t'*}"
        COMPREPLY+=("${line#"$kept"}")
    done < <("${1/#\~/$HOME}" __complete "${words[@]}" 2>/dev/null)
    # Names of files are quoted where that is needed.
    [[ -n ${COMPREPLY[0]-} && -e ${COMPREPLY[0]/#\~/$HOME} ]] && compopt -o filenames 2>/dev/null
    return 0
}

complete -F _hopem_sync -o nosort hopem-sync 2>/dev/null || complete -F _hopem_sync hopem-sync
