package dev.warren.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Threads wait on locks that let a virtual thread go, and never just for time to pass. */
class BlockingTest {
  private static final String[] LIBRARY = {
    "dev.warren.base..",
    "dev.warren.relay..",
    "dev.warren.serving..",
    "dev.warren.dns..",
    "dev.warren.magicsock..",
    "dev.warren.discovery..",
    "dev.warren.core.."
  };

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.warren");

  private static final Pattern MONITOR = Pattern.compile("\\bsynchronized\\s*\\(");

  @Test
  void noMethodOfTheLibrariesIsSynchronized() {
    noMethods()
        .that()
        .areDeclaredInClassesThat()
        .resideInAnyPackage(LIBRARY)
        .should()
        .haveModifier(JavaModifier.SYNCHRONIZED)
        .because("a thread that waits there pins its carrier before JDK 24")
        .check(CLASSES);
  }

  /** Blocks leave no trace that ArchUnit sees, so the sources are read. */
  @Test
  void noBlockOfTheLibrariesIsSynchronized() throws IOException {
    Path root = Path.of("..").toAbsolutePath().normalize();
    for (String module :
        List.of(
            "base",
            "relay-client",
            "serving",
            "relay-server",
            "dns-server",
            "magicsock",
            "discovery",
            "core")) {
      Path sources = root.resolve(module).resolve("src/main/java");
      assertThat(sources).isDirectory();
      try (Stream<Path> files = Files.walk(sources)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          assertThat(MONITOR.matcher(Files.readString(file)).find())
              .as("a synchronized block in " + root.relativize(file))
              .isFalse();
        }
      }
    }
  }

  @Test
  void nobodySleeps() {
    noClasses()
        .that()
        .resideInAnyPackage(LIBRARY)
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", long.class, int.class)
        .because("whoever waits for something waits for that")
        .check(CLASSES);
  }

  @Test
  void nobodyWaitsOnAMonitor() {
    noClasses()
        .that()
        .resideInAnyPackage(LIBRARY)
        .should()
        .callMethod(Object.class, "wait")
        .orShould()
        .callMethod(Object.class, "wait", long.class)
        .check(CLASSES);
  }
}
