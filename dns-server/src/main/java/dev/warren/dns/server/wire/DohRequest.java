package dev.warren.dns.server.wire;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * A question asked by {@code GET /dns-query} (RFC 8484; JSON as Google and Cloudflare have it,
 * dns-server section 4.3). Immutable.
 *
 * @param message as on the wire
 * @param json whether the answer is to be JSON
 */
public record DohRequest(byte[] message, boolean json) {
  /** The media type of messages. */
  public static final String WIRE = "application/dns-message";

  /** That of answers in JSON, whichever was asked for. */
  public static final String JSON = "application/dns-json";

  private static final String JSON_TOO = "application/x-javascript";

  /** Parameters that are read; six are known. */
  private static final int MOST_PARAMETERS = 32;

  /** A request that is not answered. Has no stack trace. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;

    private Refused(int status, String message) {
      super(message, null, false, false);
      this.status = status;
    }

    /** 400 or 406. */
    public int status() {
      return status;
    }
  }

  /**
   * Reads a request. A message is preferred where {@code dns} is there, JSON where {@code name} is.
   *
   * @param target path and query as in the request
   * @param accept all values of that header
   * @throws Refused if it asks for a type that is not served, or for nothing that makes sense
   */
  public static DohRequest read(String target, Collection<String> accept) throws Refused {
    boolean wire = MediaTypes.take(accept, WIRE);
    boolean json = MediaTypes.take(accept, JSON) || MediaTypes.take(accept, JSON_TOO);
    if (!wire && !json) {
      throw new Refused(406, "there are " + WIRE + " and " + JSON);
    }
    Map<String, List<String>> parameters = parameters(target);
    Optional<String> dns = first(parameters, "dns");
    if (wire && (dns.isPresent() || !json || first(parameters, "name").isEmpty())) {
      return new DohRequest(
          message(dns.orElseThrow(() -> new Refused(400, "the parameter dns is missing"))), false);
    }
    return new DohRequest(question(parameters), true);
  }

  private static Map<String, List<String>> parameters(String target) throws Refused {
    try {
      return new QueryStringDecoder(target, StandardCharsets.UTF_8, true, MOST_PARAMETERS)
          .parameters();
    } catch (IllegalArgumentException e) {
      throw new Refused(400, "malformed parameters: " + e.getMessage());
    }
  }

  private static Optional<String> first(Map<String, List<String>> parameters, String name) {
    return parameters.getOrDefault(name, List.of()).stream().findFirst();
  }

  private static byte[] message(String text) throws Refused {
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new Refused(400, "the parameter dns is no base64url: " + e.getMessage());
    }
  }

  private static byte[] question(Map<String, List<String>> parameters) throws Refused {
    Name name =
        name(
            first(parameters, "name")
                .orElseThrow(() -> new Refused(400, "the parameter name is missing")));
    int type = type(first(parameters, "type").orElse("A"));
    Message message = new Message(0);
    message.addRecord(question(name, type), Section.QUESTION);
    set(message, Flags.RD, flag(parameters, "rd", true));
    set(message, Flags.CD, flag(parameters, "cd", false));
    set(message, Flags.AD, flag(parameters, "do", false));
    return message.toWire();
  }

  private static Record question(Name name, int type) throws Refused {
    try {
      return Record.newRecord(name, type, DClass.IN);
    } catch (IllegalArgumentException e) {
      throw new Refused(400, "the parameter type cannot be asked for: " + e.getMessage());
    }
  }

  private static Name name(String text) throws Refused {
    try {
      return Name.fromString(text, Name.root);
    } catch (TextParseException | IllegalArgumentException e) {
      throw new Refused(400, "the parameter name is no domain name: " + e.getMessage());
    }
  }

  private static int type(String text) throws Refused {
    int type = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : Type.value(text);
    if (type < 0 || type > 0xffff) {
      throw new Refused(400, "the parameter type is no record type");
    }
    return type;
  }

  private static boolean flag(Map<String, List<String>> parameters, String name, boolean byDefault)
      throws Refused {
    String text = first(parameters, name).orElse(String.valueOf(byDefault));
    if (!text.equals("true") && !text.equals("false")) {
      throw new Refused(400, "the parameter " + name + " is true or false");
    }
    return text.equals("true");
  }

  private static void set(Message message, int flag, boolean on) {
    if (on) {
      message.getHeader().setFlag(flag);
    }
  }
}
