package dev.warren.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The arrows of the design: between modules, and between the layers inside each. */
class LayersTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.warren");

  /**
   * Every module and the modules that its main code may know. Nobody may know {@code testlab}:
   * tests do, and they are not looked at here.
   */
  private static final Map<String, List<String>> KNOWS =
      Map.ofEntries(
          entry("testlab", List.of()),
          entry("base", List.of()),
          entry("native-linux-x86_64", List.of("base")),
          entry("relay-client", List.of("base")),
          entry("magicsock", List.of("relay-client", "base")),
          entry("discovery", List.of("base")),
          entry("core", List.of("magicsock", "discovery", "relay-client", "base")),
          entry("serving", List.of("base")),
          entry("relay-server", List.of("serving", "relay-client", "base")),
          entry("dns-server", List.of("serving", "discovery", "base")),
          entry(
              "cli",
              List.of(
                  "core",
                  "discovery",
                  "relay-server",
                  "dns-server",
                  "serving",
                  "relay-client",
                  "base")),
          entry(
              "benchmarks",
              List.of("core", "discovery", "relay-server", "dns-server", "serving", "base")),
          entry("examples", List.of("core", "relay-server", "serving", "base")),
          entry("bom", List.of()),
          entry("architecture", List.of()));

  static Stream<String> modulesWithCode() {
    return KNOWS.keySet().stream().sorted().filter(LayersTest::hasCode);
  }

  private static boolean hasCode(String module) {
    return Files.isDirectory(Pom.ROOT.resolve(module).resolve("src/main/java"));
  }

  private static String packages(String module) {
    return "dev.warren." + module.replace("native-", "natives.").replace('-', '.') + "..";
  }

  @Test
  void everyModuleOfTheBuildIsGuarded() {
    assertThat(KNOWS.keySet()).containsExactlyInAnyOrderElementsOf(Pom.modules());
  }

  @Test
  void everyClassIsInThePackageOfAModule() {
    classes()
        .should()
        .resideInAnyPackage(modulesWithCode().map(LayersTest::packages).toArray(String[]::new))
        .check(CLASSES);
  }

  @ParameterizedTest
  @MethodSource("modulesWithCode")
  void modulesPointDownOnly(String module) {
    String[] known =
        Stream.concat(Stream.of(module), KNOWS.get(module).stream())
            .map(LayersTest::packages)
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(packages(module))
        .should()
        .dependOnClassesThat(resideInAPackage("dev.warren..").and(not(resideInAnyPackage(known))))
        .as(module + " knows only " + KNOWS.get(module))
        .check(CLASSES);
  }

  @Test
  void baseKnowsNoNetty() {
    noClasses()
        .that()
        .resideInAPackage("dev.warren.base..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.netty..")
        .check(CLASSES);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "base",
        "relay.client",
        "serving",
        "relay.server",
        "dns.server",
        "magicsock",
        "discovery",
        "core"
      })
  void layersPointDownOnly(String module) {
    String root = "dev.warren." + module;
    String netty = root + ".netty";
    String spi = root + ".spi";
    layer(root, "wire", root + ".logic", root + ".io", root, netty, spi);
    layer(root, "logic", root + ".io", root, netty, spi);
    // The module's services are what io asks for: core's io finds identities by spi's IdentityForm.
    layer(root, "io", root, netty);
  }

  private static void layer(String root, String layer, String... above) {
    noClasses()
        .that()
        .resideInAPackage(root + "." + layer)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(above)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  /** Since io uses it, an arrow back would be a cycle. */
  @Test
  void theServicesOfCoreKnowNothingAboveWire() {
    noClasses()
        .that()
        .resideInAPackage("dev.warren.core.spi")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.warren.core",
            "dev.warren.core.netty",
            "dev.warren.core.io",
            "dev.warren.core.logic")
        .check(CLASSES);
  }

  /** Both stand above the relay: who embeds it needs neither. */
  @Test
  void theRelayKnowsNeitherItsFileNorItsPages() {
    noClasses()
        .that()
        .resideInAPackage("dev.warren.relay.server..")
        .and()
        .resideOutsideOfPackages(
            "dev.warren.relay.server.config", "dev.warren.relay.server.operation")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.warren.relay.server.config", "dev.warren.relay.server.operation")
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("org.tomlj..")
        .check(CLASSES);
  }

  @Test
  void theFilesOfTheCommandLineKnowNoCommand() {
    noClasses()
        .that()
        .resideInAPackage("dev.warren.cli.files..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.warren.cli")
        .check(CLASSES);
  }
}
