// `2021-07-04T15:50:26.123456789Z stdout F words`, as kubelet reads it: F is a line with its
// newline, P a part without one. Nothing is dropped or added, so that Restorer gets every byte
// back. Kubernetes: design-proposals-archive, node/kubelet-cri-logging.md.

#include "line_format.hpp"
#include "stamp_clock.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace toolkit::output {
namespace {

constexpr std::size_t piece_limit = 65536;

class CriFormat final : public LineFormat {
 public:
  void set_time(WallTime now) override;
  std::uint64_t write_block(Stream stream, std::string_view block, std::string& out) override;
  void write(const Piece& piece, std::string& out) override;
  void note(Level, std::string_view, std::string_view, std::string&) override {}
  [[nodiscard]] std::size_t hold_limit() const override { return piece_limit; }

 private:
  void write_line(Stream stream, std::string_view words, std::string& out);

  StampClock clock_{{true, 'T', 9, "Z"}};
  WallTime latest_{};
  std::array<std::string, 2> full_heads_;
  std::array<std::string, 2> part_heads_;
};

void CriFormat::set_time(WallTime now) {
  latest_ =
      std::max(latest_, now);  // readers merge by time: it never goes back, even if the clock does
  if (!clock_.set(latest_)) {
    return;
  }
  for (const Stream stream : {Stream::out, Stream::err}) {
    const std::string_view name = stream == Stream::out ? " stdout " : " stderr ";
    full_heads_[index_of(stream)].assign(clock_.text()).append(name).append("F ");
    part_heads_[index_of(stream)].assign(clock_.text()).append(name).append("P ");
  }
}

std::uint64_t CriFormat::write_block(Stream stream, std::string_view block, std::string& out) {
  const std::string& head = full_heads_[index_of(stream)];
  std::uint64_t lines = 0;
  const char* at = block.data();
  const char* const end = at + block.size();
  while (at != end) {
    const auto left = static_cast<std::size_t>(end - at);
    const auto* newline = static_cast<const char*>(std::memchr(at, '\n', left));
    const auto size = static_cast<std::size_t>(newline - at);
    if (size > piece_limit) {
      write_line(stream, {at, size}, out);
    } else {
      out.append(head);
      out.append(at, size + 1);
    }
    at = newline + 1;
    ++lines;
  }
  return lines;
}

void CriFormat::write_line(Stream stream, std::string_view words, std::string& out) {
  for (; words.size() > piece_limit; words.remove_prefix(piece_limit)) {
    write({stream, words.substr(0, piece_limit), Ending::later, true}, out);
  }
  write({stream, words, Ending::newline, true}, out);
}

void CriFormat::write(const Piece& piece, std::string& out) {
  const bool full = piece.ending == Ending::newline;
  const auto stream = index_of(piece.stream);
  out.append(full ? full_heads_[stream] : part_heads_[stream]);
  out.append(piece.words).append(1, '\n');
}

}  // namespace

std::unique_ptr<LineFormat> make_cri_format() { return std::make_unique<CriFormat>(); }

}  // namespace toolkit::output
