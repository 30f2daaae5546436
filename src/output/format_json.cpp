// One object a line. A line longer than 64 KiB becomes several objects, all but the last with
// "partial": true; notes of the tool's own have no "stream".

#include "line_format.hpp"
#include "stamp_clock.hpp"

#include <toolkit/base/json_writer.hpp>

#include <algorithm>
#include <array>

namespace toolkit::output {
namespace {

constexpr std::size_t piece_limit = 65536;
constexpr std::array<std::string_view, 5> level_names{"debug", "info", "warn", "error", "fatal"};

/// Takes a character whose last bytes are not there yet off the end.
std::size_t whole_characters(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back < text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (byte >= 0xC0) {
      const std::size_t needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
      return needed > back ? text.size() - back : text.size();
    }
    if (byte < 0x80) {
      break;
    }
  }
  return text.size();
}

class JsonFormat final : public LineFormat {
 public:
  explicit JsonFormat(const StampOptions& options)
      : clock_({true, 'T', std::max(options.sub_second_digits, 3), "Z"}),
        detect_(options.detect_levels) {
    append_json_string(label_, options.label);
  }

  void set_time(WallTime now) override { clock_.set(now); }
  std::uint64_t write_block(Stream stream, std::string_view block, std::string& out) override;
  void write(const Piece& piece, std::string& out) override;
  void note(Level level, std::string_view source, std::string_view words,
            std::string& out) override;
  [[nodiscard]] std::size_t hold_limit() const override { return piece_limit; }
  [[nodiscard]] std::size_t cut(std::string_view piece) const override {
    return whole_characters(piece);
  }

 private:
  void write_line(Stream stream, std::string_view words, std::string& out);
  void begin_object(Level level, std::string& out);

  StampClock clock_;
  std::string label_;  // quoted
  bool detect_;
  std::array<Level, 2> begun_level_{};
};

std::uint64_t JsonFormat::write_block(Stream stream, std::string_view block, std::string& out) {
  std::uint64_t lines = 0;
  while (!block.empty()) {
    const std::size_t newline = block.find('\n');
    write_line(stream, block.substr(0, newline), out);
    block.remove_prefix(newline + 1);
    ++lines;
  }
  return lines;
}

void JsonFormat::write_line(Stream stream, std::string_view words, std::string& out) {
  bool continues = false;
  while (words.size() > piece_limit) {
    const std::size_t size = cut(words.substr(0, piece_limit));
    write({stream, words.substr(0, size), Ending::later, continues}, out);
    words.remove_prefix(size);
    continues = true;
  }
  write({stream, words, Ending::newline, continues}, out);
}

void JsonFormat::write(const Piece& piece, std::string& out) {
  Level& level = begun_level_[index_of(piece.stream)];
  if (!piece.continues) {
    level = level_of(piece, detect_);
  }
  begin_object(level, out);
  out.append(piece.stream == Stream::out ? R"(,"stream":"stdout","source":)"
                                         : R"(,"stream":"stderr","source":)");
  out.append(label_).append(R"(,"message":)");
  append_json_string(out, piece.words);
  out.append(piece.ending == Ending::later ? ",\"partial\":true}\n" : "}\n");
}

void JsonFormat::begin_object(Level level, std::string& out) {
  out.append(R"({"time":")").append(clock_.text());
  out.append(R"(","level":")").append(level_names[index_of(level)]).append(1, '"');
}

void JsonFormat::note(Level level, std::string_view source, std::string_view words,
                      std::string& out) {
  begin_object(level, out);
  out.append(R"(,"source":)");
  append_json_string(out, source);
  out.append(R"(,"message":)");
  append_json_string(out, words);
  out.append("}\n");
}

}  // namespace

std::unique_ptr<LineFormat> make_json_format(const StampOptions& options) {
  return std::make_unique<JsonFormat>(options);
}

}  // namespace toolkit::output
