package dev.fermata.execution.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * Who may do what with an object: {@code app=arw/owner, "web-shop"=a/owner, =r/owner}, as a snapshot has it, taken apart.
 *
 * @param items as the server reads them
 * @param rights in the same order; of one role there may be several, from one grantor each
 */
record AccessList(List<String> items, List<Right> rights) {
    /** Everybody, in {@link Right#grantee}: no role is called so. */
    static final String PUBLIC = "";

    static final AccessList NOBODY = new AccessList(List.of(), List.of());

    AccessList {
        items = List.copyOf(items);
        rights = List.copyOf(rights);
    }

    /**
     * One right of one role.
     *
     * @param grantee without quotes
     * @param grantable whether it may be passed on
     */
    record Right(String grantee, Privilege privilege, boolean grantable) {
        /** @param columns in brackets, or nothing */
        String grant(Rights on, String columns) {
            return "GRANT " + privilege + columns + " ON " + on.on() + " TO " + role(grantee)
                    + (grantable ? " WITH GRANT OPTION" : "");
        }
    }

    /** A role, or everybody, as SQL. */
    static String role(String grantee) {
        return grantee.equals(PUBLIC) ? "PUBLIC" : Sql.quote(grantee);
    }

    static AccessList parse(String list) {
        List<String> items = new ArrayList<>();
        List<Right> rights = new ArrayList<>();
        int start = 0;
        int equals = -1;
        int slash = -1;
        boolean quoted = false;
        for (int i = 0; i <= list.length() && !list.isEmpty(); i++) {
            char c = i == list.length() ? ',' : list.charAt(i);
            quoted ^= c == '"';
            if (!quoted && c == '=' && equals < start) {
                equals = i;
            } else if (!quoted && c == '/') {
                slash = i;
            } else if (!quoted && c == ',') {
                items.add(list.substring(start, i));
                String grantee = Sql.unquoted(list.substring(start, equals));
                rights(grantee, list.substring(equals + 1, slash), rights);
                start = i + 2; // behind a blank
            }
        }
        return new AccessList(items, rights);
    }

    private static void rights(String grantee, String letters, List<Right> into) {
        for (int i = 0; i < letters.length(); i++) {
            boolean grantable = i + 1 < letters.length() && letters.charAt(i + 1) == '*';
            Privilege.of(letters.charAt(i)).ifPresent(privilege -> into.add(new Right(grantee, privilege, grantable)));
        }
    }

    /** Where nobody has granted or revoked anything: the owner may do all, and everybody what is usual. */
    static AccessList usual(Securable object, String owner, int majorVersion) {
        List<Right> rights = new ArrayList<>();
        object.privileges(majorVersion).forEach(each -> rights.add(new Right(owner, each, false)));
        object.everybodys().forEach(each -> rights.add(new Right(PUBLIC, each, false)));
        return new AccessList(List.of(), rights);
    }

    boolean has(String grantee, Privilege privilege) {
        return rights.stream().anyMatch(right -> right.grantee().equals(grantee) && right.privilege() == privilege);
    }

    boolean mayPassOn(String grantee, Privilege privilege) {
        return rights.stream()
                .anyMatch(right ->
                        right.grantee().equals(grantee) && right.privilege() == privilege && right.grantable());
    }
}
