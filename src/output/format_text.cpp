// `[2021-07-04 15:50:26]  INFO train: words`. A line too long to hold is begun and left open at the
// end of the output; when the other stream writes meanwhile, it is ended there and goes on in a
// line of its own whose words begin with "...".

#include "line_format.hpp"
#include "stamp_clock.hpp"

#include <array>
#include <cstring>
#include <optional>

namespace toolkit::output {
namespace {

constexpr std::size_t text_hold_limit = 8192;
constexpr std::string_view continuation_mark = "...";

class TextFormat final : public LineFormat {
 public:
  explicit TextFormat(const StampOptions& options)
      : clock_({options.utc, ' ', options.sub_second_digits, "] "}),
        label_(options.label.empty() ? "" : options.label + ": "),
        detect_(options.detect_levels) {}

  void set_time(WallTime now) override {
    if (clock_.set(now)) {
      heads_valid_.fill(false);
    }
  }
  std::uint64_t write_block(Stream stream, std::string_view block, std::string& out) override;
  void write(const Piece& piece, std::string& out) override;
  void note(Level level, std::string_view source, std::string_view words,
            std::string& out) override;
  [[nodiscard]] std::size_t hold_limit() const override { return text_hold_limit; }
  [[nodiscard]] bool appends() const override { return true; }

 private:
  const std::string& head(Level level) {
    return heads_valid_[index_of(level)] ? heads_[index_of(level)] : make_head(level);
  }
  const std::string& make_head(Level level);
  void begin(const Piece& piece, std::string& out);
  void end_open_line(std::string& out);

  StampClock clock_;
  std::string label_;
  bool detect_;
  std::array<std::string, 5> heads_;
  std::array<bool, 5> heads_valid_{};
  std::array<Level, 2> begun_level_{};  // of each stream's line that was begun
  std::optional<Stream> open_;          // whose line lies unfinished at the end of the output
};

const std::string& TextFormat::make_head(Level level) {
  std::string& head = heads_[index_of(level)];
  head.assign(1, '[').append(clock_.text()).append(level_column(level)).append(1, ' ');
  head.append(label_);
  heads_valid_[index_of(level)] = true;
  return head;
}

std::uint64_t TextFormat::write_block(Stream stream, std::string_view block, std::string& out) {
  end_open_line(out);
  const Level otherwise = stream == Stream::out ? Level::info : Level::error;
  std::uint64_t lines = 0;
  const char* at = block.data();
  const char* const end = at + block.size();
  while (at != end) {
    const auto left = static_cast<std::size_t>(end - at);
    const auto* newline = static_cast<const char*>(std::memchr(at, '\n', left));
    const auto size = static_cast<std::size_t>(newline - at);
    const Level level = detect_ ? detect_level({at, size}, otherwise) : otherwise;
    out.append(head(level));
    out.append(at, size + 1);
    at = newline + 1;
    ++lines;
  }
  return lines;
}

void TextFormat::write(const Piece& piece, std::string& out) {
  if (piece.continues && open_ == piece.stream) {
    out.append(piece.words);
  } else if (piece.continues && piece.words.empty()) {
    return;  // the other stream's line has ended it already
  } else {
    begin(piece, out);
  }
  open_.reset();
  if (piece.ending == Ending::later) {
    open_ = piece.stream;
  } else {
    out += '\n';
  }
}

void TextFormat::begin(const Piece& piece, std::string& out) {
  end_open_line(out);
  Level& level = begun_level_[index_of(piece.stream)];
  if (!piece.continues) {
    level = level_of(piece, detect_);
  }
  out.append(head(level));
  if (piece.continues) {
    out.append(continuation_mark);
  }
  out.append(piece.words);
}

void TextFormat::end_open_line(std::string& out) {
  if (open_) {
    out += '\n';
    open_.reset();
  }
}

void TextFormat::note(Level level, std::string_view source, std::string_view words,
                      std::string& out) {
  end_open_line(out);
  out.append(1, '[').append(clock_.text()).append(level_column(level)).append(1, ' ');
  out.append(source).append(source.empty() ? "" : ": ").append(words).append(1, '\n');
}

}  // namespace

std::unique_ptr<LineFormat> make_text_format(const StampOptions& options) {
  return std::make_unique<TextFormat>(options);
}

}  // namespace toolkit::output
