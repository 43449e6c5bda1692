#!/usr/bin/env python3
"""Makes a C++ file that holds the API's document: embed.py openapi.json openapi_text.cpp"""
import json
import sys


def main():
    source, target = sys.argv[1:]
    with open(source, encoding='utf-8') as file:
        text = json.dumps(json.load(file), ensure_ascii=True, separators=(',', ':'))
    # Pieces, because a literal may not be of any length.
    pieces = [text[i:i + 8000] for i in range(0, len(text), 8000)]
    with open(target, 'w', encoding='utf-8') as out:
        out.write('// Made from openapi.json.\n#include "firmware/control/admin/api/document.hpp"\n\n#include <string>\n\n'
                  'namespace postern::admin {\n\nstd::string_view document_text() {\n  static const std::string kText = [] {\n    std::string text;\n')
        for piece in pieces:
            out.write(f'    text += R"doc({piece})doc";\n')
        out.write('    return text;\n  }();\n  return kText;\n}\n\n}  // namespace postern::admin\n')


if __name__ == '__main__':
    main()
