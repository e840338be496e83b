package dev.warren.discovery.logic;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * Follows the aliases of one question, through one answer and over several, and not in circles. Not
 * thread-safe.
 */
public final class Aliases {
  /** Most names of a chain, as in the resolvers of common systems (BIND and Unbound: 8 to 16). */
  public static final int MAX = 8;

  private final int type;
  private final Set<Name> seen = new HashSet<>();
  private Name name;
  private boolean broken;

  /** Of the question for {@code type} under {@code name}. */
  public Aliases(Name name, int type) {
    this.name = name;
    this.type = type;
    seen.add(name);
  }

  /** The name that is asked for, or is to be asked next. */
  public Name name() {
    return name;
  }

  /**
   * The records that {@code answer} has for the question: those of the right type under the name
   * where its aliases end; what it holds of other names is not looked at. Empty if there are none.
   * Null if the aliases lead to a name of which the answer says nothing: ask for {@link #name()}.
   */
  public @Nullable List<Record> follow(Message answer) {
    List<Record> records = answer.getSection(Section.ANSWER);
    boolean moved = false;
    while (true) {
      List<Record> found = under(records);
      if (!found.isEmpty()) {
        return found;
      }
      Name target = alias(records);
      if (target == null) {
        return moved ? null : List.of();
      }
      if (seen.size() == MAX || !seen.add(target)) {
        broken = true;
        return List.of();
      }
      name = target;
      moved = true;
    }
  }

  private List<Record> under(List<Record> records) {
    List<Record> found = new ArrayList<>();
    for (Record record : records) {
      if (record.getType() == type && record.getName().equals(name)) {
        found.add(record);
      }
    }
    return found;
  }

  private @Nullable Name alias(List<Record> records) {
    for (Record record : records) {
      if (record instanceof CNAMERecord alias && record.getName().equals(name)) {
        return alias.getTarget();
      }
    }
    return null;
  }

  /** Whether the chain went in a circle or was too long. */
  public boolean isBroken() {
    return broken;
  }
}
