// The options of `wait`, each declared once.
#include "wait.hpp"

namespace toolkit::commands {
namespace {

using cli::into;
using cli::Option;
using cli::ValueKind;
using O = WaitOptions;

constexpr const char* kWaiting = "Waiting";
constexpr const char* kConditions = "Conditions";
constexpr const char* kRendezvous = "Rendezvous";

constexpr Option kOptions[] = {
    {"--timeout", ValueKind::duration, "DURATION", kWaiting,
     "Give up after this long and exit with 124, 0 for never", "0s", into<&O::timeout>},
    {"--any", ValueKind::flag, "", kWaiting, "One condition is enough", "", into<&O::any>},
    {"--all", ValueKind::flag, "", kWaiting, "All conditions are needed, which is the default", "",
     into<&O::all>},
    {"--for", ValueKind::duration, "DURATION", kWaiting,
     "Each condition must hold this long without a break", "0s", into<&O::stable>},
    {"--interval", ValueKind::duration, "DURATION", kWaiting,
     "Longest time between two tries of what sends no events; 40ms to 1s by kind", "",
     into<&O::interval>},
    {"--attempt-timeout", ValueKind::duration, "DURATION", kWaiting,
     "Time for one try of one condition", "5s", into<&O::attempt_timeout>},
    {"--json", ValueKind::flag, "", kWaiting, "Print the result as one JSON object", "",
     into<&O::json>},

    {"--state-dir", ValueKind::directory, "DIR", kConditions,
     "Where the records of jobs live, if not where `toolkit run` puts them", "",
     into<&O::state_directory>},
    {"--ca-file", ValueKind::file, "FILE", kConditions,
     "Certificates of the authorities that https trusts, instead of the system's", "",
     into<&O::ca_file>},
    {"--insecure", ValueKind::flag, "", kConditions, "Let https accept any certificate", "",
     into<&O::insecure>},

    {"--barrier", ValueKind::count, "N", kRendezvous,
     "Host a rendezvous of N, shells and PyTorch processes alike, until all have come and gone", "",
     into<&O::barrier>},
    {"--listen", ValueKind::text, "[HOST]:PORT", kRendezvous, "Where --barrier listens", "",
     into<&O::listen>},
    {"--join", ValueKind::text, "HOST:PORT", kRendezvous,
     "Join the rendezvous there, and wait until all have", "", into<&O::join>},
};

}  // namespace

std::span<const cli::Option> wait_options() { return kOptions; }

}  // namespace toolkit::commands
