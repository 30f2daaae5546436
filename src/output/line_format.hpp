#pragma once
// How lines look in the log file: one class a format. Who holds unfinished lines and folds progress
// bars is not its business.

#include <toolkit/base/duration.hpp>
#include <toolkit/output/stamper.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace toolkit::output {

enum class Ending : std::uint8_t {
  newline,  // the line is over
  later,    // more of the line will come
  never,    // the stream ended without a newline
};

/// A line, or a part of one that is too long to be held.
struct Piece {
  Stream stream;
  std::string_view words;
  Ending ending = Ending::newline;
  bool continues = false;  // an earlier part of the line has been written
  bool progress = false;   // a state of a line that rewrites itself
};

class LineFormat {
 public:
  virtual ~LineFormat() = default;
  /// The time of all that is written until the next call.
  virtual void set_time(WallTime now) = 0;
  /// Whole lines of any length, each with its newline. Returns how many. The fast path.
  virtual std::uint64_t write_block(Stream stream, std::string_view block, std::string& out) = 0;
  virtual void write(const Piece& piece, std::string& out) = 0;
  virtual void note(Level level, std::string_view source, std::string_view words,
                    std::string& out) = 0;

  /// The most of an unfinished line that is held back.
  [[nodiscard]] virtual std::size_t hold_limit() const = 0;
  /// Whether the rest of a line that was begun is appended at once instead of in pieces of
  /// hold_limit().
  [[nodiscard]] virtual bool appends() const { return false; }
  /// How much of a full piece to write, so that no character is cut in two where that matters.
  [[nodiscard]] virtual std::size_t cut(std::string_view piece) const { return piece.size(); }
};

[[nodiscard]] std::unique_ptr<LineFormat> make_text_format(const StampOptions& options);
[[nodiscard]] std::unique_ptr<LineFormat> make_json_format(const StampOptions& options);
[[nodiscard]] std::unique_ptr<LineFormat> make_cri_format();
[[nodiscard]] std::unique_ptr<LineFormat> make_raw_format();

constexpr std::size_t index_of(Stream stream) { return static_cast<std::size_t>(stream); }
constexpr std::size_t index_of(Level level) { return static_cast<std::size_t>(level); }

/// The level of a line: what it says about itself, else by its stream. Progress is never an error.
inline Level level_of(const Piece& piece, bool detect) {
  const Level otherwise = piece.stream == Stream::out ? Level::info : Level::error;
  if (!detect) {
    return otherwise;
  }
  return detect_level(piece.words, piece.progress ? Level::info : otherwise);
}

}  // namespace toolkit::output
