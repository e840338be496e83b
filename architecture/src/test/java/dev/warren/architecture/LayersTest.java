package dev.warren.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The arrows of the design: between modules, and between the layers inside each. */
class LayersTest {
  private static final JavaClasses CLASSES = new ClassFileImporter().importPackages("dev.warren");

  /** Module (by package) and the modules it must not know. */
  private static final Map<String, List<String>> FORBIDDEN =
      Map.of(
          "dev.warren.natives..",
              List.of("relay.client", "relay.server", "magicsock", "core", "cli"),
          "dev.warren.base..", List.of("relay.client", "relay.server", "magicsock", "core", "cli"),
          "dev.warren.relay.client..", List.of("relay.server", "magicsock", "core", "cli"),
          "dev.warren.magicsock..", List.of("relay.server", "core", "cli"),
          "dev.warren.core..", List.of("relay.server", "cli"),
          "dev.warren.relay.server..", List.of("magicsock", "core", "cli"));

  @Test
  void modulesPointDownOnly() {
    FORBIDDEN.forEach(
        (module, forbidden) ->
            noClasses()
                .that()
                .resideInAPackage(module)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    forbidden.stream().map(m -> "dev.warren." + m + "..").toArray(String[]::new))
                .check(CLASSES));
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
  @ValueSource(strings = {"base", "relay.client", "relay.server", "magicsock", "core"})
  void layersPointDownOnly(String module) {
    String root = "dev.warren." + module;
    layer(root, "wire", "logic", "io", "");
    layer(root, "logic", "io", "");
    layer(root, "io", "");
  }

  private static void layer(String root, String layer, String... above) {
    noClasses()
        .that()
        .resideInAPackage(root + "." + layer)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            Arrays.stream(above)
                .map(a -> a.isEmpty() ? root : root + "." + a)
                .toArray(String[]::new))
        .allowEmptyShould(true)
        .check(CLASSES);
  }
}
