package dev.warren.core.io;

import dev.warren.core.spi.IdentityForm;
import io.netty.handler.codec.quic.BoringSSLKeylog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds what the TLS contexts need. What cannot be used is said once a process. */
public final class IdentityForms {
  private static final Logger LOG = LoggerFactory.getLogger(IdentityForms.class);

  private IdentityForms() {}

  /** Forms that are looked at; there is one in the world so far. */
  private static final int MOST = 16;

  /** Reasons that were logged already. */
  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  /**
   * A second form, or why there is none; exactly one of them is null.
   *
   * @param form what was found and says that it can be used
   * @param unavailable one clause for every form that was found
   */
  record Found(@Nullable IdentityForm form, @Nullable String unavailable) {
    static Found none(String why) {
      return new Found(null, why);
    }
  }

  /** The first form on the class path or module path that is available. */
  static Found find() {
    List<String> reasons = new ArrayList<>();
    Iterator<IdentityForm> forms = ServiceLoader.load(IdentityForm.class).iterator();
    while (reasons.size() < MOST) {
      try {
        if (!forms.hasNext()) {
          break;
        }
        IdentityForm form = forms.next();
        Optional<String> reason = form.unavailable();
        if (reason.isEmpty()) {
          return new Found(form, null);
        }
        say(reasons, form.name() + ": " + reason.get());
      } catch (ServiceConfigurationError | RuntimeException | LinkageError e) {
        // The loader goes on with the next one (its iterator says so).
        say(reasons, e.getMessage() + (e.getCause() == null ? "" : ": " + e.getCause()));
      }
    }
    return Found.none(
        reasons.isEmpty()
            ? "nothing on the class path brings another form than X.509"
            : String.join("; ", reasons));
  }

  private static void say(List<String> reasons, String reason) {
    reasons.add(reason);
    if (SAID.add(reason)) {
      LOG.warn("identity form not used: {}", reason);
    }
  }

  /**
   * Appends TLS secrets to the file named by SSLKEYLOGFILE, in the NSS format; without it, nowhere.
   */
  public static BoringSSLKeylog keyLogFile() {
    String name = System.getenv("SSLKEYLOGFILE");
    if (name == null) {
      LOG.warn("a key log was asked for, but SSLKEYLOGFILE is not set: nothing is written");
      return (engine, line) -> {};
    }
    Path file = Path.of(name);
    return (engine, line) -> {
      try {
        Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        LOG.debug("key log: {}", e.toString());
      }
    };
  }
}
