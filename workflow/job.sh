# Sourced before the command of every job (rules/common.smk): who is killed from outside can say nothing himself.
set -euo pipefail

last_words() {
    local code=$? why command words
    [[ -n ${H2H_RUN:-} ]] || return # an executor that does not pass the environment on
    kill -0 "${H2H_RUN%@*}" 2>/dev/null || return # its Snakemake is gone, and took the job with it
    case $code in
        137) why="was killed from outside (signal 9): most often by the kernel, because memory ran out (dmesg says so)" ;;
        134 | 135 | 136 | 139) why="crashed (signal $((code - 128))): a full disk, failing memory, or a bug in a library" ;;
        *) return ;;
    esac
    command=${BASH_EXECUTION_STRING:-}  # ... -m h2h.cli STAGE --name NAME ...
    read -r -a words <<<"${command#*h2h.cli}"
    echo "The job ${words[0]:-} ${words[2]:-} $why. Nothing of it counts as done." >&2
    echo "  What to do: close other programs, or run fewer jobs at once (snakemake -c 1); then give the same command again" >&2
}
trap last_words EXIT
