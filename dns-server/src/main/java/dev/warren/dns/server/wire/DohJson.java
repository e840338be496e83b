package dev.warren.dns.server.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;

/** DNS responses as JSON (dns-server section 4.3). Stateless. */
public final class DohJson {
  private DohJson() {}

  /**
   * The fields of a response, in their order.
   *
   * @param response one of our own
   */
  public static Map<String, @Nullable Object> of(byte[] response) {
    Message message = parsed(response);
    Header header = message.getHeader();
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("Status", message.getRcode());
    fields.put("TC", header.getFlag(Flags.TC));
    fields.put("RD", header.getFlag(Flags.RD));
    fields.put("RA", header.getFlag(Flags.RA));
    fields.put("AD", header.getFlag(Flags.AD));
    fields.put("CD", header.getFlag(Flags.CD));
    fields.put("Question", records(message, Section.QUESTION));
    if (!message.getSection(Section.ANSWER).isEmpty()) {
      fields.put("Answer", records(message, Section.ANSWER));
    }
    fields.put("Comment", null);
    fields.put("edns_client_subnet", null);
    return fields;
  }

  /** The smallest lifetime in the answer section in seconds; -1 if there is nothing in it. */
  public static long smallestTtl(byte[] response) {
    return parsed(response).getSection(Section.ANSWER).stream()
        .mapToLong(Record::getTTL)
        .min()
        .orElse(-1);
  }

  private static Message parsed(byte[] response) {
    try {
      return new Message(response);
    } catch (IOException e) {
      throw new AssertionError("our own response cannot be read", e);
    }
  }

  private static List<Map<String, Object>> records(Message message, int section) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (Record record : message.getSection(section)) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("name", record.getName().toString());
      fields.put("type", record.getType());
      if (section == Section.ANSWER) {
        fields.put("TTL", record.getTTL());
        fields.put("data", data(record));
      }
      all.add(fields);
    }
    return all;
  }

  /** Text as it is, not as in a zone file: no quotes, no escapes. */
  private static String data(Record record) {
    if (record instanceof TXTRecord txt) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      txt.getStringsAsByteArrays().forEach(all::writeBytes);
      return all.toString(StandardCharsets.UTF_8);
    }
    return record.rdataToString();
  }
}
