package dev.warren.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents name is there. */
class DocsTest {
  /** {@code `Class.member`} or {@code `SomeTest#method`}; an ellipsis stands for the rest. */
  private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w*)([.#])(\\w+)(…?)[^`\\n]*`");

  @Test
  void everyMemberThatADocumentNamesIsInTheSources() throws IOException {
    List<String> sources = sources();
    List<String> stale = new ArrayList<>();
    int names = 0;
    for (Path document : documents()) {
      Matcher named = NAMED.matcher(Files.readString(document));
      while (named.find()) {
        names++;
        if (!exists(named, sources)) {
          stale.add(Pom.ROOT.relativize(document) + " names " + named.group());
        }
      }
    }
    assertThat(stale).isEmpty();
    assertThat(names).isPositive();
  }

  private static boolean exists(Matcher named, List<String> sources) {
    Pattern type = Pattern.compile("\\b(class|record|enum|interface) " + named.group(1) + "\\b");
    String before = named.group(2).equals("#") ? "\\bvoid " : "\\b";
    String after = named.group(4).isEmpty() ? "\\b" : "";
    Pattern member = Pattern.compile(before + named.group(3) + after);
    return sources.stream().anyMatch(s -> type.matcher(s).find() && member.matcher(s).find());
  }

  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>(List.of(Pom.ROOT.resolve("README.md")));
    try (Stream<Path> docs = Files.list(Pom.ROOT.resolve("docs"))) {
      docs.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
    }
    return documents;
  }

  private static List<String> sources() throws IOException {
    List<String> sources = new ArrayList<>();
    for (String module : Pom.modules()) {
      Path folder = Pom.ROOT.resolve(module).resolve("src");
      if (!Files.isDirectory(folder)) {
        continue;
      }
      try (Stream<Path> files = Files.walk(folder)) {
        files.filter(f -> f.toString().endsWith(".java")).map(DocsTest::text).forEach(sources::add);
      }
    }
    return sources;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
