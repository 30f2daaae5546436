#pragma once
// Is it so, now? A probe answers that for one leaf of a condition, in attempts that never block:
// it names the descriptors that it waits for, and goes on when they are ready. Whoever drives it
// (the part `waiting`) decides when the next attempt comes.

#include <toolkit/base/duration.hpp>
#include <toolkit/condition/condition.hpp>

#include <poll.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace toolkit::probe {

/// Why it is not so. The names are those of --json.
enum class Reason {
  none,         // it is
  absent,       // no such file, job, mount
  not_yet,      // there, and not as wanted: size, content, k of N
  refused,      // nobody listens
  unreachable,  // no route, host down
  timed_out,    // no answer within an attempt's time
  name,         // the name does not resolve
  tls,          // handshake or certificate
  protocol,     // an answer that is none
  status,       // an answer that is not the wanted one: HTTP 503
  auth,         // the server knows us and says no
  busy,         // the port is taken, the GPU is used
  over,         // the job or process has ended
  lost,         // its supervisor died without a word
  unknown       // cannot be seen from here
};
[[nodiscard]] std::string_view reason_name(Reason reason);

struct Finding {
  bool met = false;
  bool final = false;  // nothing can change it: a job that is over, a refusal that stays
  Reason reason = Reason::none;
  std::string words;             // "connection refused", "HTTP 503", "3/5 joined", "exited 3"
  std::optional<int> exit_code;  // for reason over: 0 to 255, 128+N; for lost 120; for unknown 3
};

/// Whether it says that it is not so, and not that this could not be seen: no answer in time, a
/// lost job, a process or a command that is not there at all. Only a denial lets a `not` be met.
[[nodiscard]] bool denies(const Finding& finding);

// A server is asked so often, and a port more often: a connection is no login and no query.
inline constexpr Milliseconds kUsualPace{1'000}, kPortPace{50};

class Probe {
 public:
  virtual ~Probe() = default;

  /// Starts an attempt; the one before has ended or is abandoned. It must have an answer at
  /// `until` at the latest (advance() is called then). Cheap things may be found at once.
  virtual void begin(SteadyTime now, SteadyTime until) = 0;
  /// Appends what poll(2) is to wait for, during an attempt and between attempts.
  virtual void collect(std::vector<pollfd>& entries) const = 0;
  /// When advance() is wanted though no descriptor is ready; max for never.
  [[nodiscard]] virtual SteadyTime next_deadline() const = 0;
  /// Goes on. `entries` are those that collect() appended, in the same order, with their revents.
  virtual void advance(std::span<const pollfd> entries, SteadyTime now) = 0;
  /// The answer of the attempt, once; nothing while it is under way.
  [[nodiscard]] virtual std::optional<Finding> take() = 0;
  /// An event came between attempts: the next one is wanted at once. Reset by begin().
  [[nodiscard]] virtual bool stirred() const { return false; }
  /// The kernel tells of every change (pidfd), so that attempts by the clock are not needed.
  [[nodiscard]] virtual bool tells_all() const { return false; }
  /// The longest pause between attempts that suits whoever is asked, where nobody has said another.
  /// It may depend on what the last attempt found.
  [[nodiscard]] virtual Milliseconds pace() const { return kUsualPace; }
};

/// What the options of a command say to all probes.
struct Settings {
  std::string state_directory;  // of jobs; empty: the usual ones
  std::string ca_file;          // empty: SSL_CERT_FILE, then the places of the distributions
  bool insecure = false;        // TLS without verification
};

/// A probe for a leaf: by its scheme. Mistakes name the part of the leaf that is wrong.
[[nodiscard]] tl::expected<std::unique_ptr<Probe>, condition::Mistake> make_probe(
    const condition::Leaf& leaf, const Settings& settings);

}  // namespace toolkit::probe
