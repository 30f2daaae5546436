#pragma once
// Why a job failed, for those who look only at one small file: Kubernetes' termination message
// (/dev/termination-log, 4096 bytes at most) and SageMaker's failure file (/opt/ml/output/failure,
// of which 1024 characters are shown).

#include <string>
#include <string_view>

namespace toolkit::supervise {

/// The last Python traceback in the end of a child's stderr, or its last lines; at most `limit`
/// bytes, cut at line ends from the front.
[[nodiscard]] std::string last_words(std::string_view stderr_tail, std::size_t limit);

/// The final line of that traceback ("ValueError: bad shape"), or the last line that says
/// something.
[[nodiscard]] std::string final_line(std::string_view stderr_tail);

/// Both hold the verdict, the lines of earlier exceptions (of a launcher's ranks, or those that led
/// to the last one), and the last words.
[[nodiscard]] std::string termination_message(std::string_view verdict,
                                              std::string_view stderr_tail);
[[nodiscard]] std::string failure_reason(std::string_view verdict, std::string_view stderr_tail);

/// Writes in place (both files are often bind mounts, which cannot be renamed over), and never over
/// what a user has written there. Problems are logged.
void write_note(const std::string& path, const std::string& text);

}  // namespace toolkit::supervise
