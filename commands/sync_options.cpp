// The options of `sync`, each declared once.
#include "sync_values.hpp"

namespace toolkit::commands {
namespace {

using cli::into;
using cli::Option;
using cli::ValueKind;
using O = SyncOptions;
using Form = selection::RuleText::Form;

constexpr const char* kSelection = "What";
constexpr const char* kTransfer = "How";
constexpr const char* kFollow = "Following";
constexpr const char* kPlaces = "Places";
constexpr const char* kTelling = "Telling";
constexpr const char* kRsync = "For command lines of rsync";

constexpr Option kOptions[] = {
    {"--include", ValueKind::text, "PATTERN", kSelection, "Send what matches, rsync's rules", "",
     add_rule<Form::include>, true},
    {"--exclude", ValueKind::text, "PATTERN", kSelection, "Leave out what matches", "",
     add_rule<Form::exclude>, true},
    {"-f,--filter", ValueKind::text, "RULE", kSelection,
     "A filter rule of rsync: '+ *.log', '- tmp/', ': .rsync-filter'", "", add_rule<Form::filter>,
     true},
    {"--include-from", ValueKind::file, "FILE", kSelection, "Patterns to send, one a line", "",
     add_rule<Form::include_from>, true},
    {"--exclude-from", ValueKind::file, "FILE", kSelection, "Patterns to leave out, one a line", "",
     add_rule<Form::exclude_from>, true},
    {"-C,--cvs-exclude", ValueKind::flag, "", kSelection,
     "Leave out what CVS would, behind all other rules: *.o, *~, .git/, .cvsignore", "",
     into<&O::cvs_exclude>},
    {"-m,--prune-empty-dirs", ValueKind::flag, "", kSelection,
     "Make no directories in which no file would lie", "", into<&O::prune_empty_directories>},
    {"--max-size", ValueKind::size, "SIZE", kSelection, "Leave out larger files", "",
     into<&O::maximum_size>},
    {"--min-size", ValueKind::size, "SIZE", kSelection, "Leave out smaller files", "",
     into<&O::minimum_size>},
    {"--newer", ValueKind::text, "TIME", kSelection,
     "Leave out what was modified before a date, or longer ago than 2h", "", into<&O::newer>},
    {"--links", ValueKind::choice, "inside|skip", kSelection,
     "Follow symbolic links that stay inside SRC, or none", "inside", into<&O::links>, false,
     "inside,skip"},
    {"--growing", ValueKind::text, "PATTERN", kSelection,
     "Files that are appended in place, instead of the usual logs", "", into<&O::growing>, true},
    {"--whole", ValueKind::text, "PATTERN", kSelection,
     "Files that are never appended in place, though their name says so", "", into<&O::whole>,
     true},
    {"--explain", ValueKind::text, "PATH", kSelection,
     "Name the rule that decides about a path below SRC, and do nothing", "", into<&O::explain>},

    {"--append", ValueKind::flag, "", kTransfer, "Take every file as one that grows", "",
     into<&O::append>},
    {"-c,--checksum", ValueKind::flag, "", kTransfer,
     "Compare every byte, whatever sizes and times say", "", into<&O::checksum>},
    {"--on-rewrite", ValueKind::choice, "keep|replace|fail", kTransfer,
     "What becomes of a grown file that its source does not continue", "keep", into<&O::on_rewrite>,
     false, "keep,replace,fail"},
    {"-n,--dry-run", ValueKind::flag, "", kTransfer,
     "Say what would be done with each file and why, and do nothing", "", into<&O::dry_run>},
    {"--jobs", ValueKind::count, "N", kTransfer, "Transfers at once, if not what the place likes",
     "", into<&O::jobs>},
    {"--bwlimit", ValueKind::size, "RATE", kTransfer,
     "Bytes a second at most; a bare number counts KiB, 0 for no limit", "0", into<&O::bandwidth>},
    {"--retries", ValueKind::count, "N", kTransfer,
     "Tries of each file after a failure that may pass", "5", into<&O::retries>},
    {"--retry-delay", ValueKind::duration, "DURATION", kTransfer,
     "Longest pause before the first of them; it doubles up to 30s", "500ms",
     into<&O::retry_delay>},
    {"--min-free", ValueKind::size, "SIZE", kTransfer,
     "Send nothing when less would stay free at DEST", "0", into<&O::minimum_free>},
    {"--timeout", ValueKind::duration, "DURATION", kTransfer,
     "Give up after this long and exit with 124, 0 for never", "0s", into<&O::timeout>},

    {"--follow", ValueKind::flag, "", kFollow,
     "Go on until a signal or --until, then send the rest", "", into<&O::follow>},
    {"--until", ValueKind::text, "CONDITION", kFollow,
     "Follow until this is met, as of `toolkit wait`: job:NAME, pid:N, file:PATH", "",
     into<&O::until>, true},
    {"--interval", ValueKind::duration, "DURATION", kFollow,
     "Look at least so often, for file systems that send no events", "10s", into<&O::interval>},
    {"--max-lag", ValueKind::duration, "DURATION", kFollow,
     "After a change, wait so long for more before sending", "1s", into<&O::maximum_lag>},
    {"--grace", ValueKind::duration, "DURATION", kFollow, "Time for the last flush", "25s",
     into<&O::grace>},
    {"--status-file", ValueKind::file, "FILE", kFollow,
     "Where the summary is written after each pass, for probes", "", into<&O::status_file>},

    {"-e,--rsh", ValueKind::command, "COMMAND", kPlaces,
     "The ssh to use, with its options, instead of the built-in one", "", into<&O::rsh>},
    {"--identity", ValueKind::file, "FILE", kPlaces, "Private key for SSH", "", into<&O::identity>},
    {"--accept-new-host-key", ValueKind::flag, "", kPlaces,
     "Trust an SSH host that was never seen before; never one whose key has changed", "",
     into<&O::accept_new_host_key>},
    {"--endpoint-url", ValueKind::text, "URL", kPlaces,
     "The S3 server, if not AWS_ENDPOINT_URL or Amazon's", "", into<&O::endpoint>},
    {"--profile", ValueKind::text, "NAME", kPlaces, "Profile of the AWS configuration files", "",
     into<&O::profile>},
    {"--region", ValueKind::text, "NAME", kPlaces, "Region of the bucket", "", into<&O::region>},
    {"--ca-file", ValueKind::file, "FILE", kPlaces,
     "Certificates of the authorities that https trusts, instead of the system's", "",
     into<&O::ca_file>},
    {"--silence", ValueKind::duration, "DURATION", kPlaces,
     "A server that says nothing for so long is given up", "30s", into<&O::silence>},
    {"--state-dir", ValueKind::directory, "DIR", kPlaces,
     "Where job records and the journals of syncs live", "", into<&O::state_directory>},

    {"--progress", ValueKind::flag, "", kTelling, "Show how far it is and how long it takes", "",
     into<&O::progress>},
    {"--stats", ValueKind::flag, "", kTelling, "Print all counts at the end", "", into<&O::stats>},
    {"--json", ValueKind::flag, "", kTelling,
     "Print each event as one JSON object a line, the last one the summary", "", into<&O::json>},

    {"-P,--partial-progress", ValueKind::flag, "", kRsync, "As --progress", "", into<&O::progress>},
    {"-a,--archive", ValueKind::flag, "", kRsync, "Done anyway", "", into<&O::ignored>},
    {"-r,--recursive", ValueKind::flag, "", kRsync, "Done anyway", "", into<&O::ignored>},
    {"-t,--times", ValueKind::flag, "", kRsync, "Done anyway", "", into<&O::ignored>},
    {"-p,--perms", ValueKind::flag, "", kRsync, "Done anyway", "", into<&O::ignored>},
    {"-z,--compress", ValueKind::flag, "", kRsync, "Taken and not needed", "", into<&O::ignored>},
    {"--inplace", ValueKind::flag, "", kRsync, "Done anyway for files that grow", "",
     into<&O::ignored>},
    {"--partial", ValueKind::flag, "", kRsync, "Done anyway", "", into<&O::ignored>},
    {"--no-whole-file", ValueKind::flag, "", kRsync, "Done anyway for files that grow", "",
     into<&O::ignored>},
};

}  // namespace

std::span<const cli::Option> sync_options() { return kOptions; }

}  // namespace toolkit::commands
