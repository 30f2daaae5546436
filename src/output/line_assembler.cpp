#include "line_assembler.hpp"

#include <algorithm>

namespace toolkit::output {

void LineAssembler::feed(std::string_view bytes, std::string& out) {
  if (!empty()) {
    const std::size_t newline = bytes.find('\n');
    hold(bytes.substr(0, newline), out);
    if (newline == std::string_view::npos) {
      return;
    }
    count_line();
    end_line(Ending::newline, out);
    bytes.remove_prefix(newline + 1);
  }
  const std::size_t whole = bytes.rfind('\n') + 1;  // npos + 1 is 0
  if (whole > 0) {
    lines_ += format_->write_block(stream_, bytes.substr(0, whole), out);
  }
  if (whole < bytes.size()) {
    hold(bytes.substr(whole), out);
  }
}

void LineAssembler::hold(std::string_view words, std::string& out) {
  while (!words.empty()) {
    if (begun_ && format_->appends()) {
      format_->write({stream_, words, Ending::later, true}, out);
      return;
    }
    const std::size_t fits = std::min(limit() - held_.size(), words.size());
    held_.append(words.substr(0, fits));
    words.remove_prefix(fits);
    if (!words.empty()) {
      write_part(out);
    }
  }
}

void LineAssembler::write_part(std::string& out) {
  const std::size_t size = format_->cut(held_);
  format_->write({stream_, std::string_view(held_).substr(0, size), Ending::later, begun_}, out);
  held_.erase(0, size);
  begun_ = true;
}

void LineAssembler::end_line(Ending ending, std::string& out) {
  format_->write({stream_, held_, ending, begun_}, out);
  held_.clear();
  begun_ = false;
}

void LineAssembler::write_progress(std::string_view words, std::string& out) {
  format_->write({stream_, words, Ending::newline, false, true}, out);
}

}  // namespace toolkit::output
