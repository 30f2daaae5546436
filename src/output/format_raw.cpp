// The child's bytes as they come; only the lines are counted.

#include "line_format.hpp"

namespace toolkit::output {
namespace {

class RawFormat final : public LineFormat {
 public:
  void set_time(WallTime) override {}
  std::uint64_t write_block(Stream, std::string_view block, std::string& out) override {
    out.append(block);
    std::uint64_t lines = 0;
    for (std::size_t at = 0; (at = block.find('\n', at)) != std::string_view::npos; ++at) {
      ++lines;
    }
    return lines;
  }
  void write(const Piece& piece, std::string& out) override {
    out.append(piece.words).append(piece.ending == Ending::newline ? "\n" : "");
  }
  void note(Level, std::string_view, std::string_view, std::string&) override {}
  [[nodiscard]] std::size_t hold_limit() const override { return 0; }
  [[nodiscard]] bool appends() const override { return true; }
};

}  // namespace

std::unique_ptr<LineFormat> make_raw_format() { return std::make_unique<RawFormat>(); }

}  // namespace toolkit::output
