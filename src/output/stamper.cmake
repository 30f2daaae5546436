set(STAMPER_SOURCES fold.cpp format_cri.cpp format_json.cpp format_raw.cpp format_text.cpp level.cpp
  line_assembler.cpp restorer.cpp stamp_clock.cpp stamper.cpp)
