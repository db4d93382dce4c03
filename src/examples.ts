/** An operation that GraphiQL opens with. */
export interface ExampleOperation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** What a newcomer can run at once: no ids are needed. Each is executed by a test. */
export const exampleOperations: readonly ExampleOperation[] = [
  {
    query: `# Press Ctrl+Enter to run this. Further examples are in the other tabs; the book on the left is the schema.
query Leagues {
  leagues(first: 5) {
    totalCount
    nodes {
      id
      name
      status
      role
      createdAt
      memberCount
      settings {
        description
        privacyProtection
        approvalRequired
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
  },
];
