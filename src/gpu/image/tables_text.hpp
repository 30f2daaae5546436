#pragma once
// The built-in tables as text.

namespace toolkit::gpu {

extern const char* const kTablesText;

}  // namespace toolkit::gpu
