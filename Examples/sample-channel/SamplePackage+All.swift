import Support

extension SamplePackage {
  /// Every package of the channel: `hello-everything` needs most of the others.
  static let all: [SamplePackage] = [
    data(
      "1.0", builtAt: 1_700_000_000,
      greetings: "en\tHello\nde\tHallo\nfr\tBonjour\n"),
    data(
      "1.1", builtAt: 1_710_000_000,
      greetings: "en\tHello\nde\tHallo\nes\tHola\nfr\tBonjour\nit\tCiao\n"),
    hello(
      "1.0.0", format: .tarBz2, builtAt: 1_700_100_000,
      script: """
        #!/bin/sh
        # Greets whoever is named, in English.
        echo "Hello, ${1:-channel}!"
        """),
    hello(
      "1.1.0", format: .conda, builtAt: 1_710_100_000,
      script: """
        #!/bin/sh
        # Greets whoever is named, in the language that HELLO_LANGUAGE names.
        prefix=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
        greeting=$(awk -F '\\t' -v language="${HELLO_LANGUAGE:-en}" \\
          '$1 == language { print $2 }' "$prefix/share/hello/greetings.tsv")
        echo "${greeting:-Hello}, ${1:-channel}!"
        """),
    platform("linux-64", format: .conda),
    platform("linux-aarch64", format: .tarBz2),
    platform("osx-arm64", format: .conda),
    windowsPlatform,
    headers,
    python,
    SamplePackage(
      "hello-everything", "1.0.0",
      depends: ["hello-channel >=1.1", "hello-platform >=1.0,<2"],
      summary: "All of hello for this machine.",
      description: "Installs nothing itself; brings the greeting, its data and hello-platform.",
      builtAt: 1_710_300_000, payload: []),
  ]

  private static func data(
    _ version: String, builtAt seconds: Int, greetings: String
  ) -> SamplePackage {
    SamplePackage(
      "hello-data", version, summary: "Greetings in several languages.",
      description: "A table of language codes and greetings in share/hello/greetings.tsv.",
      license: "CC0-1.0", builtAt: seconds,
      payload: [ArchiveMember("share/hello/greetings.tsv", text: greetings)])
  }

  private static func hello(
    _ version: String, format: Format, builtAt seconds: Int, script: String
  ) -> SamplePackage {
    SamplePackage(
      "hello-channel", version, format: format, depends: ["hello-data >=\(version.prefix(3))"],
      summary: "A greeting from your own channel.",
      description: "The command hello-channel greets the person named as its first argument.",
      builtAt: seconds,
      payload: [ArchiveMember("bin/hello-channel", text: script + "\n", isExecutable: true)])
  }

  private static let platformSummary = "A greeting that names the machine."
  private static let platformDescription =
    "The command hello-platform greets the machine it runs on, by way of hello-channel."

  private static func platform(_ subdir: String, format: Format) -> SamplePackage {
    let script = """
      #!/bin/sh
      # Greets this machine; built for \(subdir).
      here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
      exec "$here/hello-channel" "$(uname -s) on $(uname -m)"

      """
    return SamplePackage(
      "hello-platform", "1.0.0", subdir: subdir, format: format, depends: ["hello-channel >=1.0"],
      summary: platformSummary, description: platformDescription, builtAt: 1_710_200_000,
      payload: [ArchiveMember("bin/hello-platform", text: script, isExecutable: true)])
  }

  private static let windowsPlatform = SamplePackage(
    "hello-platform", "1.0.0", subdir: "win-64", format: .tarBz2, depends: ["hello-data >=1.0"],
    summary: platformSummary, description: "The command hello-platform greets the machine.",
    builtAt: 1_710_200_000,
    payload: [
      ArchiveMember(
        "Scripts/hello-platform.bat", text: "@echo Hello, Windows on %PROCESSOR_ARCHITECTURE%!\r\n")
    ])

  /// Whoever builds against these headers gets a dependency on them, through run exports.
  private static let headers: SamplePackage = {
    var package = SamplePackage(
      "hello-headers", "1.2.0", build: "h5a3e1c7_2", subdir: "linux-64", format: .tarBz2,
      summary: "A greeting for C programs.",
      description: "A header-only library with a pkg-config file.", builtAt: 1_705_000_000,
      payload: [
        ArchiveMember(
          "include/hello.h",
          text: """
            #pragma once
            #include <stdio.h>

            static inline void hello(const char *name) { printf("Hello, %s!\\n", name); }

            """),
        ArchiveMember(
          "lib/pkgconfig/hello.pc",
          text: """
            prefix=${pcfiledir}/../..
            Name: hello
            Description: A greeting for C programs
            Version: 1.2.0
            Cflags: -I${prefix}/include

            """),
      ])
    package.blueprint.buildNumber = 2
    package.blueprint.runExports = #"{"weak":["hello-headers >=1.2.0,<2.0a0"]}"#
    return package
  }()

  /// Needs a Python from another channel; installs on every platform.
  private static let python: SamplePackage = {
    let module = """
      \"\"\"A greeting from your own channel.\"\"\"


      def main() -> None:
          print("Hello from Python!")

      """
    let metadata = """
      Metadata-Version: 2.1
      Name: hello-python
      Version: 1.0.0
      Summary: A greeting from Python.

      """
    var package = SamplePackage(
      "hello-python", "1.0.0", build: "pyh0a1b2c3_0", depends: ["python >=3.9"],
      summary: "A greeting from Python.",
      description: "A module hello_python and a command hello-python.", builtAt: 1_712_000_000,
      payload: [
        ArchiveMember("site-packages/hello_python/__init__.py", text: module),
        ArchiveMember("site-packages/hello_python-1.0.0.dist-info/METADATA", text: metadata),
        ArchiveMember("site-packages/hello_python-1.0.0.dist-info/INSTALLER", text: "conda\n"),
      ])
    package.blueprint.indexFields["noarch"] = JSONText.string("python")
    package.blueprint.extraInfo = [
      ArchiveMember(
        "info/link.json",
        text: """
          {"noarch":{"entry_points":["hello-python = hello_python:main"],"type":"python"},\
          "package_metadata_version":1}
          """)
    ]
    return package
  }()
}
