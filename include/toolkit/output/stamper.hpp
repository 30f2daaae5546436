#pragma once
// Turns the bytes of a child's two streams into the bytes of a log file: one stamped line for each
// line of the child, in the order in which they ended. Pure: no clock, no files. Bytes are never
// decoded, so any encoding, NUL included, passes.

#include <toolkit/base/duration.hpp>
#include <toolkit/output/level.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace toolkit::output {

enum class Stream : std::uint8_t { out, err };

/// text: `[2021-07-04 15:50:26]  INFO train: words`
/// json: one object a line: time, level, stream, source, message
/// raw:  the child's bytes, nothing else
/// cri:  `2021-07-04T15:50:26.123456789Z stdout F words`, the container runtime interface's format
///       (Kubernetes CRI logging design). Reversible: F ends a line, P does not, nothing is folded.
enum class LogFormat : std::uint8_t { text, json, raw, cri };

struct StampOptions {
  LogFormat format = LogFormat::text;
  std::string label{};        // the word before the colon; may be empty
  int sub_second_digits = 0;  // 0, 3, 6 or 9
  bool utc = false;
  bool detect_levels = true;         // else stdout is INFO and stderr is ERROR
  Milliseconds fold_interval{1000};  // a progress line is written at most this often; 0: its end
};

/// Unfinished lines are held back, so that the two streams do not cut each other's lines. One that
/// grows too long to hold is written in parts. Past 8 KiB a text line is begun and its rest follows
/// at once; when something else must be written meanwhile, it is ended there and goes on in a line
/// whose words begin with "...". JSON lines become objects of at most 64 KiB, cut between
/// characters, all but the last with "partial": true; cri lines become pieces of 64 KiB.
///
/// In text and json a line that rewrites itself with \r is folded: of its states the newest one
/// that shows something is written once an interval, and the last one at the line's end. With
/// detect_levels it is INFO on both streams, since progress bars go to stderr but are no errors. A
/// \r before the newline belongs to the line's end.
///
/// All this is constant memory. `out` grows with the input and by a head for each line, so feed
/// pieces of some 16 KiB where a child that writes empty lines must not make it large.
class Stamper {
 public:
  explicit Stamper(const StampOptions& options);
  Stamper(Stamper&&) noexcept;
  Stamper& operator=(Stamper&&) noexcept;
  ~Stamper();

  /// Appends to `out` what these bytes of `stream` make. `now` stamps, `steady` times the folding.
  void feed(Stream stream, std::string_view bytes, WallTime now, SteadyTime steady,
            std::string& out);
  /// Writes progress lines whose interval has passed. Cheap when none is due.
  void tick(WallTime now, SteadyTime steady, std::string& out);
  /// When tick() has something to write; SteadyTime::max() for never.
  [[nodiscard]] SteadyTime next_due() const;
  /// Ends both streams: unfinished lines are written (cri: as P, so that nothing is invented).
  void finish(WallTime now, std::string& out);
  /// A line of the tool's own (`run: started …`); nothing in raw and cri formats, which hold only
  /// the child's bytes.
  void note(Level level, std::string_view source, std::string_view words, WallTime now,
            std::string& out);
  [[nodiscard]] std::uint64_t lines(Stream stream) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// The bytes that `stream` had, from a log in cri format. `feed` it the file in pieces.
class Restorer {
 public:
  explicit Restorer(Stream stream) : stream_(stream) {}
  /// False when a line is not in cri format (its number is then line_number()).
  [[nodiscard]] bool feed(std::string_view bytes, std::string& out);
  [[nodiscard]] std::uint64_t line_number() const { return line_number_; }

 private:
  enum class At : std::uint8_t { head, ours, others };
  [[nodiscard]] bool read_head(std::string_view& bytes);
  [[nodiscard]] bool parse_head();
  void read_words(std::string_view& bytes, std::string& out);

  Stream stream_;
  At at_ = At::head;
  bool ends_line_ = false;
  int spaces_ = 0;
  std::string head_;
  std::uint64_t line_number_ = 0;
};

}  // namespace toolkit::output
